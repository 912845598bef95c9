import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { ConsoleError } from '#contract/errors.ts';
import { parsePathSetting, setPath } from '#main/scenario/path-setting.ts';
import { checkScenario } from '#main/scenario/read-scenario.ts';

const hog = readFileSync('resources/scenarios/d-ephemeral-hog.json', 'utf8');

/** What is said to a scenario with these settings; null: it is taken. */
function said(...settings: readonly string[]): string | null {
  try {
    const json: unknown = JSON.parse(hog);
    for (const setting of settings) setPath(json, parsePathSetting(setting));
    checkScenario(json, 'file.json');
    return null;
  } catch (error) {
    if (!(error instanceof ConsoleError)) throw error;
    expect(error.code).toMatch(/^bad-(scenario|argument)$/);
    return `${error.message} ${error.remedy ?? ''}`;
  }
}

describe('a value of a scenario', () => {
  it.each<[string, string]>([
    ['guests.web.weight=70000', 'guests.0.weight must be a whole number from 0 to 65,535 (it is 70000).'],
    ['guests.web.weight=low', 'guests.0.weight must be a whole number from 0 to 65,535 (it is "low").'],
    ['guests.web.colour=red', 'guests.0.colour is no field of a scenario.'],
    ['guests.web.ramMiB=9', 'guests.0: ramMiB lies outside minMiB … maxMiB.'],
    [
      'guests.web.workload.kind=solitaire',
      'guests.0.workload.kind must be of a kind that there is: "zipf-files", "scan"',
    ],
    ['guests.web.workload.alpha=-1', 'guests.0.workload.alpha must be a number from 0 to 4 (it is -1).'],
    [
      'guests.wiki.workload.hotPages=9000',
      'guests.2.workload.hotPages must be a whole number from 1 to 8999, not 9000.',
    ],
    ['guests.web.trace=a.txt', 'guests.0: It needs either a trace or a workload, and not both.'],
    ['guests.web.writes=as-reads', 'guests.0: Only a trace has writes that can be played one way or another.'],
    ['guests.web.reading={"format":"csv"}', 'guests.0: Only a trace has a file that can be read one way or another.'],
    ['guests.web.kernel.cache=clock', 'guests.0.kernel.cache must be one of "lru", "two-list" (it is "clock").'],
    ['guests.web.fileDisk=3', 'the whole file: A guest names a disk that costs.disks does not have.'],
    ['guests.mail.name=web', 'the whole file: Two guests have the same name. Give each its own.'],
    [
      'policy=lottery',
      'policy must be one of "fifo", "xen-shipped", "xen-documented", "max-over-share" (it is "lottery").',
    ],
    ['costs.disks=["floppy"]', 'costs.cpu is missing.'],
    [
      'costs={"cpu":"old","disks":["floppy"]}',
      'costs.disks.0 must be one of "hdd", "sata-ssd", "nvme", or the figures of a disk (it is "floppy").',
    ],
    ['costs={"cpu":"old","disks":[{"serviceUs":1}]}', 'costs.disks.0.nextPageUs is missing.'],
    [
      'schedule.pool={"kind":"smart-alloc","percent":0}',
      'schedule.pool.percent must be a number from 0.01 to 100 (it is 0).',
    ],
    ['schedule.balloon={"kind":"mom","guests":["nobody"]}', 'schedule.balloon.guests names a guest that there is not.'],
    [
      'schedule.balloon={"kind":"gut-feeling"}',
      'schedule.balloon.kind must be of kind "manual", "self-balloon" or "mom"',
    ],
    ['host.totalMiB=30', "the whole file: The guests' ramMiB and reservedMiB together are more than totalMiB."],
    [
      'events=[{"atS":-1,"set":"policy","to":"fifo"}]',
      'events.0.atS must be a number of seconds from 0 to 86,400 (it is -1).',
    ],
    ['events=[{"atS":1,"set":"policy","to":"lottery"}]', 'events.0.to must be one of "fifo"'],
    ['events=[{"atS":1,"set":"guests.web.colour","to":1}]', 'events.0.set: a guest has no "colour" that can be set'],
    [
      'events=[{"atS":1,"set":"guests.nobody.weight","to":1}]',
      'events.0.set: there is no guest "nobody", only web, mail',
    ],
    [
      'events=[{"atS":1,"set":"guests.web.balloonTargetMiB","to":9}]',
      'events.0.to: the balloon target of web lies outside',
    ],
    [
      'events=[{"atS":1,"set":"the time","to":9}]',
      'events.0.set: "the time" is nothing that can be set while a host runs.',
    ],
    [
      'events=[{"atS":9,"set":"guests.web.weight","to":1},{"atS":3,"set":"guests.web.running","to":false}]',
      'events.0.set: web was removed by events.1, and nothing can be set of it until an event sets guests.web.running to true.',
    ],
    ['claim.measure.hog=nobody', 'the whole file: claim.measure names a guest that there is not.'],
    ['claim.measure.without=elsewhere', 'the whole file: claim.measure names a variant that there is not.'],
    ['claim.measure.kind=by-heart', 'claim.measure.kind must be of a kind that there is (it is "by-heart").'],
    ['claim.measure.shareFactor=3', 'claim.measure.shareFactor must be a number from 1 to 2 (it is 3).'],
    ['variants.shipped.name=unweighted', 'the whole file: Two variants have the same name. Give each its own.'],
    ['variants.shipped.name=fifo', 'variants.2.name is a name that every scenario has already.'],
    ['variants.shipped.set={"policy":"lottery"}', 'variants.2.set: policy must be one of "fifo"'],
    [
      'variants.shipped.set={"guests.nobody.weight":1}',
      'variants.2.set: guests.nobody.weight: there is no nobody in guests',
    ],
    ['variants.shipped.set={"guests.web.weight":-1}', 'variants.2.set: guests.0.weight must be a whole number'],
    [
      'guests.nobody.weight=1',
      'guests.nobody.weight=1: there is no nobody in guests. There is web, mail, wiki, backup.',
    ],
    ['seed.low=1', 'seed.low=1: seed has no fields.'],
    ['weight', '"weight" is no PATH=VALUE. Write it like guests.web.weight=300 or policy=fifo.'],
    ['__proto__.x=1', '"__proto__.x=1" is no PATH=VALUE.'],
  ])('%s is refused: the place, what is wrong and what to do', (setting, sentence) => {
    const text = said(setting);
    expect(text).toContain(sentence);
    expect(text).toMatch(/\. [A-Z][^.]*\.( |$)?/);
  });

  it.each([
    'guests.web.weight=300',
    'guests.0.weight=0',
    'guests.web.workload={"kind":"on-off","work":{"kind":"scan","accessesPerS":10,"pages":10},"onMs":100,"offMs":100}',
    'guests.web.workload={"kind":"phases","phases":[{"ms":5,"work":null},{"ms":5,"work":{"kind":"idle","accessesPerS":1}}]}',
    'costs={"cpu":"old","disks":["nvme",{"serviceUs":8000,"nextPageUs":30,"parallel":1}]}',
    'schedule.balloon={"kind":"self-balloon","guests":["web"],"era":"3.1"}',
    'schedule.pool={"kind":"smart-alloc"}',
    'events=[{"atS":0.5,"set":"guests.web.capMiB","to":null},{"atS":0.25,"set":"idleTax","to":0.5}]',
    'content={"compressor":"zstd","deduplicate":true}',
  ])('%s is taken', (setting) => {
    expect(said(setting)).toBeNull();
  });
});
