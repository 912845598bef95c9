import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { readTrace } from '#main/trace/read-trace.ts';
import { errorOf, event, readFrom, references, repository, temporaryFolder } from './support.ts';

const folder = temporaryFolder();
const read = (text: string, options = {}) => readFrom(folder, 'trace.txt', text, { format: 'ftrace', ...options });

describe('the ftrace reader', () => {
  it.each([
    ['cc', 329_951, 8_293, 320],
    ['search', 62_896, 16_618, 429],
    ['db', 146_935, 28_457, 118],
  ])('reads the real trace filemap-%s', async (name, accesses, distinct, files) => {
    const trace = await readTrace(join(repository, `resources/traces/filemap-${name}.txt.gz`));
    expect([trace.pages.length, trace.distinctPages, trace.fileNames.length]).toEqual([accesses, distinct, files]);
    expect(trace.info).toMatchObject({ format: 'ftrace', unit: 'page', postCache: false, notes: [] });
    expect(trace.timesUs?.[0]).toBe(0);
    expect(trace.timesUs?.every((time, i, times) => i === 0 || time >= (times[i - 1] ?? 0))).toBe(true);
  });

  it('makes each page of a range one access, in file order, named by device and inode', async () => {
    const trace = await read(
      event('12.000001', 'get_pages: dev=254:0 ino=3f808 ofs=0-8191') +
        event('12.000004', 'fault: dev=254:0 ino=3f808 ofs=4096') +
        event('13.5', 'map_pages: dev=254:1 ino=ffffffff00000001 ofs=100-4096'),
    );
    expect(references(trace)).toEqual([
      'dev 254:0 inode 3f808[0]',
      'dev 254:0 inode 3f808[1]',
      'dev 254:0 inode 3f808[1]',
      'dev 254:1 inode ffffffff00000001[0]',
      'dev 254:1 inode ffffffff00000001[1]',
    ]);
    expect([...trace.pages]).toEqual([0, 1, 1, 2, 3]);
    expect([...(trace.timesUs ?? [])]).toEqual([0, 0, 3, 1_499_999, 1_499_999]);
  });

  it('counts a record as one object when asked to', async () => {
    const trace = await read(
      event('1.0', 'get_pages: dev=254:0 ino=7 ofs=0-8191') + event('1.1', 'get_pages: dev=254:0 ino=7 ofs=0-4095'),
      { unit: 'object' },
    );
    expect([...trace.pages]).toEqual([0, 0]);
  });

  it('takes process names with blanks, brackets, colons and even the beginning of an event', async () => {
    const names = [
      '<...>-27626',
      'npm install-4411',
      '40 python3-278',
      'kworker/u8:1-99',
      'mm_filemap_faul-5',
      'a: b-6',
    ];
    const trace = await read(names.map((comm) => event('5.0', 'fault: dev=8:1 ino=a ofs=0', comm)).join(''));
    expect(trace.pages.length).toBe(names.length);
  });

  it('reads what trace-cmd report and perf script print', async () => {
    const trace = await read(
      [
        'cpus=2',
        'CPU 1 is empty',
        '  bash-27626 [001]  4391.861398: mm_filemap_get_pages:   dev=254:0 ino=3f808 ofs=0-4095',
        '  bash-27626 [001]  4391.861398123: mm_filemap_fault:   dev=254:0 ino=3f808 ofs=0',
        'npm install 4411 [000]  4391.861399:        filemap:mm_filemap_fault: dev=254:0 ino=3f808 ofs=4096',
        'sh 12 [000]  4391.861400: filemap:mm_filemap_add_to_page_cache: dev 254:0 ino 0x3f808 pfn=0x1 ofs=0 order=0',
        'sh 12 [000]  4391.861400: sched:sched_switch: prev_comm=sh',
        '\tffffffff9d2a4 => 0',
        ' => do_sys_open',
      ]
        .filter((line) => !line.startsWith('\t'))
        .join('\r\n'),
    );
    expect([...trace.pages]).toEqual([0, 0, 1]);
    expect([...(trace.timesUs ?? [])]).toEqual([0, 0, 1]);
    expect(trace.info.ignored).toBe(5);
  });

  it('reports the events that the recorder lost', async () => {
    const trace = await read(`# tracer: nop\nCPU:1 [LOST 345 EVENTS]\n${event('5.0', 'fault: dev=8:1 ino=a ofs=0')}`);
    expect(trace.info.notes).toEqual(['The recorder lost 345 events.']);
  });

  it('takes added pages for misses of a cache when a kernel prints nothing else', async () => {
    const add = (ofs: number, order = 0) =>
      event('2.0', `add_to_page_cache: dev 254:0 ino 1f pfn=0x2a6e02 ofs=${ofs} order=${order}`);
    const misses = await read(
      add(0) + add(8192, 1) + event('3.0', 'delete_from_page_cache: dev 254:0 ino 1f pfn=0x1 ofs=0'),
    );
    expect(references(misses).map((name) => name.slice(-3))).toEqual(['[0]', '[2]', '[3]']);
    expect(misses.info.postCache).toBe(true);
    expect(misses.info.notes).toHaveLength(1);
    const both = await read(add(0) + event('3.0', 'fault: dev=254:0 ino=1f ofs=4096') + add(8192));
    expect(references(both).map((name) => name.slice(-3))).toEqual(['[1]']);
    expect(both.info.postCache).toBe(false);
  });

  it('keeps pages beyond 16 TiB of a file apart from those at its beginning', async () => {
    const far = 2 ** 44;
    const trace = await read(
      event('1.0', 'fault: dev=8:1 ino=a ofs=0') +
        event('1.0', `get_pages: dev=8:1 ino=a ofs=${far - 4096}-${far + 4095}`) +
        event('1.0', `fault: dev=8:1 ino=a ofs=${far}`),
    );
    expect(references(trace)).toEqual([
      'dev 8:1 inode a[0]',
      'dev 8:1 inode a[4294967295]',
      'dev 8:1 inode a from 16 TiB[0]',
      'dev 8:1 inode a from 16 TiB[0]',
    ]);
  });

  it.each([
    ['get_pages: dev=254:0 ino=3f808 ofs=0-', 'the last byte of the range is not a number'],
    ['get_pages: dev=254:0 ino=3f808 ofs=8192-0', 'the range ends before it begins'],
    ['get_pages: dev=254:0 ino=3f808', 'the event has no "ofs"'],
    ['get_pages: dev=254 ino=3f808 ofs=0', 'the device is not MAJOR:MINOR'],
    ['get_pages: dev=99999:0 ino=3f808 ofs=0', 'there is no device 99999:0'],
    ['fault: dev=254:0 ino=xyz ofs=0', 'the inode is not a hexadecimal number'],
    ['fault: dev=254:0 ino=11111111111111111 ofs=0', 'the inode is not a hexadecimal number'],
    ['fault: dev=254:0 ino=1 ofs=18446744073709551615', 'the offset is larger than 2^53'],
    ['fault: dev=254:0 ino=1 ofs=0 garbage', 'something follows the offset'],
    ['get_pages: dev=254:0 ino=1 ofs=0-10737418239', 'the record covers 10,737,418,240 bytes'],
  ])('says where and why "%s" is wrong', async (text, reason) => {
    const good = event('1.0', 'fault: dev=254:0 ino=1 ofs=0');
    const error = await errorOf(read(good + good + event('1.0', text) + good));
    expect(error.code).toBe('bad-trace');
    expect(error.message).toContain('trace.txt: line 3: ');
    expect(error.message).toContain(reason);
  });

  it('refuses lines that are no trace, events without a time, and a file without page-cache events', async () => {
    const good = event('1.0', 'fault: dev=254:0 ino=1 ofs=0');
    expect((await errorOf(read(`${good}hello there\n`))).message).toContain('line 2: "hello there" is neither');
    expect((await errorOf(read(' mm_filemap_fault: dev=254:0 ino=1 ofs=0\n'))).message).toContain('no time stamp');
    expect((await errorOf(read('# tracer: nop\n'))).message).toContain('no page-cache event');
    expect((await errorOf(read('x'.repeat(100_000)))).message).toContain('longer than 65,536 bytes');
  });
});
