import { describe, expect, it } from 'vitest';
import { ScriptRunner } from '#main/cli/ops-script/script-runner.ts';

/** Runs lines under Xen's rule and returns what the last of them prints. */
function last(...lines: string[]): string {
  const runner = new ScriptRunner('xen-shipped');
  return lines.map((line) => runner.run(line)).at(-1) ?? '';
}
/** Runs lines and returns all that they print, as lines. */
function all(...lines: string[]): string[] {
  const runner = new ScriptRunner('xen-shipped');
  return lines
    .map((line) => runner.run(line))
    .join('')
    .trimEnd()
    .split('\n');
}
const puts = (client: number, pool: number, count: number, from = 0): string[] =>
  Array.from({ length: count }, (_, i) => `put ${client} ${pool} 0 0 0 ${from + i} 7`);

describe('a malformed line is refused', () => {
  it.each([
    ['frobnicate 1', 'has an unknown operation "frobnicate"'],
    ['put 1 0 0 0 0 5 6 7', 'has "7" after its last operand'],
    ['put 1 0 zz 0 0 5 6', 'has "zz" where a word of an object id (up to 16 hexadecimal digits) was expected'],
    ['put 1 0 0 0 0 4294967296 6', 'has "4294967296" where a page index'],
    ['put 1 0 0 0 0 5 18446744073709551616', 'has "18446744073709551616" where a fill word'],
    ['get 1 0 0 0 0 -1', 'has "-1" where a page index'],
    ['newpool 1 eph public', 'has "public" where the sharing (private or shared) was expected'],
    ['newpool 1 eph shared a b 100000000', 'has a flag word of more than 32 bits'],
    ['weight 1 1.5', 'has "1.5" where a weight'],
    ['domain 1 5 5', 'creates domain 1, which exists'],
    ['heap 100', 'has "heap", which must come before all operations'],
    ['list some 1', 'has "some" where a domain'],
    ['auth 1 a b 2', 'has "2" where 0 or 1'],
  ])('%s', (line, reason) => {
    expect(() => last('domain 1 10 20', line)).toThrow(`Line 2 ${reason}`);
  });
});

describe('return codes (TMEM-SEMANTICS 2)', () => {
  it('tells pools that are not there, of clients that are and are not', () => {
    expect(
      all(
        ...['domain 1 0 9', 'put 1 0 0 0 0 0 1', 'get 1 16 0 0 0 0', 'flush_page 1 -1 0 0 0 0', 'destroy_pool 1 3'],
        ...['destroy_pool 1 99', 'newpool 1 eph private', 'destroy_pool 1 0', 'destroy_pool 1 0', 'get 8 0 0 0 0 0'],
        ...['newpool 8 eph private', 'list 8 0', 'freeze 8', 'weight 8 5', 'auth 8 1 2 1'],
      ),
    ).toEqual(
      [
        ...['domain 1 tot=0 max=9', 'put -19', 'get -19', 'flush_page -19', 'destroy_pool 0', 'destroy_pool 0'],
        ...['newpool 0', 'destroy_pool 1', 'destroy_pool 0', 'get -12', 'newpool -12'],
        ...['list -1', 'freeze -1', 'weight -2', 'auth -12'],
      ], // prettier-ignore
    );
  });

  it('refuses flag words in the order of the checks, and the 17th pool', () => {
    const flags = ['2000000', '1000003', '1000010', '1000004', '1000100', '1000008'];
    const refused = all('domain 1 0 9', ...flags.map((word) => `newpool 1 eph private 0 0 ${word}`));
    // Bit 3 is the one that nothing checks.
    expect(refused.slice(1)).toEqual([...new Array<string>(5).fill('newpool -1'), 'newpool 0']);
    const pools = all('domain 1 0 9', ...new Array<string>(17).fill('newpool 1 pers private'));
    expect(pools.slice(-2)).toEqual(['newpool 15', 'newpool -1']);
  });

  it('lets a frozen client get and overwrite, flushes while it says no, and counts px only for known objects', () => {
    const script = ['domain 1 0 9', 'newpool 1 eph private', 'put 1 0 0 0 0 0 1', 'put 1 0 0 0 0 1 2', 'freeze 1'];
    const frozen = [
      'put 1 0 0 0 0 2 9',
      'put 1 0 5 0 0 0 9',
      'put 1 0 0 0 0 0 3',
      'get 1 0 0 0 0 0',
      'flush_page 1 0 0 0 0 1',
      'get 1 0 0 0 0 1',
    ];
    expect(all(...script, ...frozen).slice(-6)).toEqual(
      ['put -1000', 'put -1000', 'put 1', 'get 1 3', 'flush_page -1000', 'get -1001'], // prettier-ignore
    );
    expect(last(...script, ...frozen, 'list 1 1')).toContain('ps:3,pt:5,pd:0,pr:1,px:1,gs:1,gt:1,fs:1,ft:1');
    // "destroy" destroys nothing: it thaws.
    expect(all(...script, 'destroy 1', 'put 1 0 0 0 0 2 9').slice(-2)).toEqual(['destroy 0', 'put 1']);
  });

  it('loses the old page when an overwrite finds no room under the domain maximum', () => {
    const script = ['domain 1 2 4', 'newpool 1 pers private', 'put 1 0 0 0 0 0 1', 'put 1 0 0 0 0 1 2', 'maxmem 1 3'];
    // 2 pages of RAM and 2 persistent ones are 4: one is given back, and 3 is not below 3.
    expect(all(...script, 'put 1 0 0 0 0 0 9', 'get 1 0 0 0 0 0', 'get 1 0 0 0 0 1').slice(-3)).toEqual(
      ['put -28', 'get 0', 'get 1 2'], // prettier-ignore
    );
    expect(last(...script, 'put 1 0 0 0 0 0 9', 'list 1 1')).toContain('Pc:1,Pm:2,Oc:1,Om:1,Nc:1,Nm:1,ps:2,pt:3,pd:1');
  });
});

describe('memory (TMEM-SEMANTICS 5)', () => {
  it('keeps 256 pages above the reserve before every put, and evicts for persistent puts too', () => {
    const script = ['heap 300 20', 'domain 1 4 100', 'newpool 1 eph private', 'newpool 1 pers private'];
    // 300 − 4 of RAM leave 296 − 20 over the reserve; 21 puts find 256 or more, the 22nd and 23rd evict one each.
    expect(last(...script, ...puts(1, 0, 23), 'mem')).toContain('free=275 tmemlist=0 freeable=21 eph=21');
    expect(last(...script, ...puts(1, 0, 21), ...puts(1, 1, 2), 'mem')).toContain(
      'free=275 tmemlist=0 freeable=19 eph=19 pgp=21 obj=2 evicted=2 evict_attempts=2',
    );
  });

  it('lets the check pass where less is free than the reserve, and then evicts through relinquishing', () => {
    const script = ['heap 600 100', 'domain 1 0 900', 'newpool 1 eph private', ...puts(1, 0, 200), 'balloon 1 300'];
    // 400 free, 300 to RAM: 100, which is the reserve; one more page comes out of tmem.
    expect(last(...script, 'mem')).toContain('free=100 tmemlist=0 freeable=200');
    expect(last(...script, 'balloon 1 1', 'list all 1')).toContain('Et:1,Ea:1,Rt:1,Ra:1,Rx:1');
    // 0 above the reserve is less than 256 pages: the put evicts until there are 256, which then lie on tmem's list.
    expect(last(...script, 'put 1 0 1 0 0 0 1', 'mem')).toContain('evicted=200 evict_attempts=210');
  });

  it('passes the check with less free than the reserve, and then has only what it can relinquish', () => {
    const script = ['heap 300 400', 'domain 1 0 9', 'newpool 1 eph private', 'put 1 0 1 0 0 0 1'];
    // 300 − 400 is huge when unsigned. The first page comes from the heap, as tmem has none; from then on each new page
    // must be relinquished: that of another object can be, that of the object being put to is locked.
    expect(all(...script, 'put 1 0 2 0 0 0 1', 'mem').slice(-2)).toEqual([
      'put 1',
      'mem free=299 tmemlist=0 freeable=1 eph=1 pgp=1 obj=1 evicted=1 evict_attempts=1 wtotal=0',
    ]);
    expect(all(...script, 'put 1 0 1 0 0 1 1', 'mem').slice(-2)).toEqual([
      'put -12',
      'mem free=299 tmemlist=0 freeable=1 eph=1 pgp=1 obj=1 evicted=0 evict_attempts=1 wtotal=0',
    ]);
  });

  it('gives flushed memory back to the heap whole, rounded up to pages', () => {
    const script = ['heap 400', 'domain 1 0 9', 'newpool 1 eph private', ...puts(1, 0, 20)];
    expect(all(...script, 'flush_mem 9', 'mem').slice(-2)).toEqual([
      'flush_mem 12',
      'mem free=383 tmemlist=0 freeable=17 eph=17 pgp=17 obj=1 evicted=3 evict_attempts=3 wtotal=0',
    ]);
    expect(all(...script, 'evict 2 1', 'flush_mem 4', 'evict 99', 'freeable_mb').slice(-3)).toEqual(
      ['flush_mem 8', 'evict done', 'freeable_mb 0'], // prettier-ignore
    );
  });

  it('stops ballooning at the maximum', () => {
    expect(all('domain 1 10 4', 'balloon 1 9', 'balloon 1 -3', 'mem').slice(0, 3)).toEqual(
      ['domain 1 tot=4 max=4', 'balloon 1 done', 'balloon 1 done'], // prettier-ignore
    );
    expect(last('domain 1 10 4', 'balloon 1 -3', 'mem')).toContain('free=4095');
  });

  it('counts radix nodes as the trees of Xen have them', () => {
    const script = ['domain 1 0 9', 'newpool 1 eph private'];
    const nodes = (...indexes: number[]): string | undefined =>
      /Nc:(\d+)/.exec(last(...script, ...indexes.map((i) => `put 1 0 0 0 0 ${i} 1`), 'list 1 1'))?.[1];
    expect(nodes(0)).toBe('0');
    expect(nodes(0, 5)).toBe('1');
    expect(nodes(70)).toBe('2');
    expect(nodes(0, 70)).toBe('3');
    // 64^6 is the first power beyond 2^32: six levels, apart below the root.
    expect(nodes(0, 4294967295)).toBe('11');
  });
});

describe('weights and settings (TMEM-SEMANTICS 3.5, 6.1, 11)', () => {
  it("keeps a dead client's weight in the total", () => {
    const script = ['domain 1 0 9', 'newpool 1 eph private', 'weight 1 60', 'domain 2 0 9', 'newpool 2 eph private'];
    expect(last(...script, 'weight 2 30', 'destroy_client 1', 'mem')).toContain('wtotal=90');
  });

  it('resets compression with the weights of all, and the weights with the compression of all', () => {
    const script = ['compress 1', 'domain 1 0 9', 'newpool 1 eph private', 'weight 1 7'];
    expect(last(...script, 'list 1 0')).toContain('ww:7,co:1');
    expect(last(...script, 'weight all 9', 'list 1 0')).toContain('ww:9,co:0');
    expect(last(...script, 'setcompress all 1', 'list 1 0')).toContain('ww:0,co:1');
    expect(last('weight all 9')).toBe('weight -2\n');
  });

  it('holds 16 authorisations, duplicates too, and none for all at once', () => {
    const many = Array.from({ length: 17 }, () => 'auth 1 a b 1');
    expect(all('domain 1 0 9', ...many).slice(-2)).toEqual(['auth 1', 'auth -12']);
    expect(all('domain 1 0 9', 'auth 1 a b 0', 'auth all a b 1').slice(-2)).toEqual(['auth 1', 'auth -12']);
  });
});

describe('shared pools (TMEM-SEMANTICS 4 and 11)', () => {
  const join = (client: number): string[] => [
    `domain ${client} 0 9`,
    `auth ${client} a b 1`,
    `newpool ${client} eph private`,
    `newpool ${client} eph shared a b`,
  ];

  it("splices the old owner's whole list before the new owner's, and counts as Xen does after it", () => {
    const script = [
      ...['heap 400', ...join(1), ...join(2), ...puts(1, 0, 3), 'put 1 1 0 0 0 0 7', 'get 2 1 0 0 0 0'],
      ...['put 2 0 0 0 0 9 9', 'weight 1 50', 'weight 2 50', 'destroy_pool 1 1'],
    ];
    // The shared page was read by client 2 last, so it stays, and client 2 owns it: 1 + 1 pages; client 1 has 3.
    const handed = last(...script, 'list all 1');
    expect(handed).toContain('S=SI:0,PT:ES,U0:a,U1:b,SC:2,Pc:1');
    expect(handed).toContain('C=CI:1,ww:50,co:0,fr:0,Tc:0,Ge:1,Pp:0,Gp:0,Ec:3,Em:4');
    expect(handed).toContain('C=CI:2,ww:50,co:0,fr:0,Tc:0,Ge:0,Pp:0,Gp:0,Ec:2,Em:1');
    // Client 2 holds 2 of 5 with half the weight: under its share, so the shipped rule makes it evict from its own list,
    // whose first page is the oldest of client 1. Client 1 keeps the page in its count, client 2 loses one from its own.
    const evicted = last(...script, 'evict 1 2', 'list all 1');
    expect(evicted).toContain('P=CI:1,PI:0,PT:EP,U0:0,U1:0,Pc:2,');
    expect(evicted).toMatch(/C=CI:1,.*Ec:3,/);
    expect(evicted).toMatch(/C=CI:2,.*Ec:1,/);
    // Deleting both of its pages now takes client 2 below zero, where Xen's debug build stops.
    expect(all(...script, 'evict 1 2', 'get 2 0 0 0 0 9', 'flush_page 2 1 0 0 0 0').at(-1)).toBe(
      `ABORT line ${script.length + 3}: Assertion 'client->eph_count >= 0' failed`,
    );
  });

  it('never evicts from a shared pool that somebody has left', () => {
    const script = ['heap 400', ...join(1), ...join(2), 'put 1 1 0 0 0 0 7', 'destroy_pool 2 1', 'evict 5', 'mem'];
    expect(last(...script)).toContain('eph=1 pgp=1 obj=1 evicted=0 evict_attempts=1');
  });

  it('makes a private pool, silently, for who is not authorised or names no pool', () => {
    const script = ['domain 1 0 9', 'newpool 1 eph shared a b', 'shared_auth_global 1'];
    const none = 'newpool 1 eph shared ffffffffffffffff ffffffffffffffff';
    expect(last(...script, 'newpool 1 eph shared a b', none, 'list 1 0')).toBe(
      'list 0\nC=CI:1,ww:0,co:0,fr:0,Tc:0,Ge:0,Pp:0,Gp:0\nP=CI:1,PI:0,PT:EP,U0:0,U1:0\n' +
        'P=CI:1,PI:1,PT:ES,U0:a,U1:b\nP=CI:1,PI:2,PT:EP,U0:0,U1:0\n',
    );
  });

  it('garbles every line after the first of the list of shared pools', () => {
    const script = ['domain 1 0 9', 'shared_auth_global 1', 'newpool 1 eph shared 1 2', 'newpool 1 eph shared abc def'];
    // The second header goes behind the first line; the sharers are then written at its length into the first line.
    const first = 'S=SI:0,PT:ES,U0:1,U1:2,SC:1\n';
    const header = 'S=SI:1,PT:ES,U0:abc,U1:def';
    expect(last(...script, 'list all 0')).toContain(`${first}${(first + header).slice(0, header.length)},SC:1\nC=`);
  });

  it('trips over the second handle of one client', () => {
    const script = ['domain 1 0 9', 'auth 1 a b 1', 'newpool 1 eph shared a b', 'newpool 1 eph shared a b'];
    expect(last(...script, 'destroy_pool 1 1')).toBe(
      "ABORT line 5: Assertion 'poolid != MAX_POOLS_PER_DOMAIN' failed\n",
    );
    expect(last(...script, 'destroy_pool 1 0', 'list 1 0')).toContain('P=CI:1,PI:1,PT:ES,U0:a,U1:b\n');
  });

  it('refuses the 17th shared pool of the host and leaves its slot unusable', () => {
    const script = ['shared_auth_global 1', 'domain 1 0 9', 'domain 2 0 9'];
    const sixteen = Array.from({ length: 16 }, (_, i) => `newpool 1 eph shared ${i.toString(16)} 1`);
    expect(all(...script, ...sixteen, 'newpool 2 eph shared ff 1').at(-1)).toBe('newpool -1');
    expect(last(...script, ...sixteen, 'newpool 2 eph shared ff 1', 'newpool 2 eph private')).toBe('newpool 1\n');
  });
});
