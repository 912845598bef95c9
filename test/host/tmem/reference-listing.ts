import { nodesOf, pagesOf, type RefClient, type ReferenceStore, type RefPool, sum } from './reference-store.ts';

/** `list all` and `stat` of a reference store as one text (7): everything there is to see of it. */
export function referenceText(store: ReferenceStore): string {
  return [
    memoryLine(store),
    globalLine(store),
    ...sharedLines(store),
    ...store.clients.flatMap((client) => clientLines(client)),
    'T\n',
  ].join('');
}

function memoryLine(store: ReferenceStore): string {
  const domains = store.domains.map((domain) =>
    domain === null ? '-' : `${domain.id}:${domain.ram}/${domain.tot}/${domain.max}/${domain.used}`,
  );
  return (
    `free=${store.free} list=${store.onList} ephemeral=${store.frames('ephemeral')} ` +
    `persistent=${store.frames('persistent')} weight=${store.totalWeight} domains=${domains.join(' ')}\n`
  );
}

function globalLine(store: ReferenceStore): string {
  const { count: c } = store;
  const frames = store.frames('ephemeral') + store.frames('persistent');
  return (
    `G=Tt:${c.Tt},Te:${c.Te},Cf:0,Af:0,Pf:${c.Pf},Ta:${store.onList},Lm:0,Et:${c.Et},Ea:${c.Ea},` +
    `Rt:${c.Rt},Ra:${c.Ra},Rx:${c.Rx},Fp:0,Ec:${store.global.length},Em:${c.Em},` +
    `Oc:${store.objects.length},Om:${c.Om},Nc:${sum(store.pools.map(nodesOf))},Nm:${c.Nm},` +
    `Pc:${store.pages.length},Pm:${c.Pm},Fc:${frames},Fm:${c.Fm},Sc:0,Sm:0,Ep:${c.Ep},Gd:0,Zt:0,Gz:0\n`
  );
}

/** With Xen's quirk (Q7): each line is written behind the one before, but read from the start. */
function sharedLines(store: ReferenceStore): string[] {
  let buffer = '';
  const overlay = (at: number, text: string): void => {
    buffer = buffer.slice(0, at) + text + buffer.slice(at + text.length);
  };
  let previous = 0;
  return store.shared.flatMap((pool, place) => {
    if (pool === null) return [];
    const header = `S=SI:${place},PT:ES,${uuidText(pool)}`;
    const rest = pool.sharers.map((sharer) => `,SC:${sharer.id}`).join('') + `,${poolCounters(pool)}\n`;
    if (!store.options.quirks) return [header + rest];
    overlay(previous, header);
    overlay(header.length, rest);
    previous = header.length + rest.length;
    return [buffer.slice(0, previous)];
  });
}

function clientLines(client: RefClient): string[] {
  const { count: c } = client;
  const pools = client.pools.filter((pool) => pool !== null && pool !== 'freed');
  return [
    `C=CI:${client.id},ww:${client.weight},co:${Number(client.compress)},fr:${Number(client.frozen)},Tc:0,` +
      `Ge:${c.Ge},Pp:${c.Pp},Gp:${c.Gp},Ec:${client.ephemeral},Em:${client.ephemeralMax},` +
      `cp:${c.cp},cb:${c.cb},cn:0,cm:0\n`,
    ...pools.map(
      (pool) => `P=CI:${client.id},PI:${pool.slot},PT:${letters(pool)},${uuidText(pool)},${poolCounters(pool)}\n`,
    ),
  ];
}

function letters(pool: RefPool): string {
  return { persistent: 'PP', shared: 'ES', ephemeral: 'EP' }[pool.kind];
}

function uuidText({ uuid }: RefPool): string {
  const [lo = '', hi = ''] = uuid.split(':');
  return `U0:${lo},U1:${hi}`;
}

function poolCounters(pool: RefPool): string {
  const { count: c, max } = pool;
  return (
    `Pc:${pagesOf(pool)},Pm:${max.pages},Oc:${pool.objects.size},Om:${max.objects},` +
    `Nc:${nodesOf(pool)},Nm:${max.nodes},ps:${c.ps},pt:${c.pt},pd:${c.pd},pr:${c.pr},px:${c.px},` +
    `gs:${c.gs},gt:${c.gt},fs:${c.fs},ft:${c.ft},os:${c.os},ot:${c.ot}`
  );
}
