import { spawn } from 'node:child_process';
import { once } from 'node:events';
import {
  chmodSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  readdirSync,
  rmSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, it } from 'vitest';
import { readTrace } from '#main/trace/read-trace.ts';
import { event, references, repository } from './support.ts';

// These run the script against a made-up tracefs: an ordinary folder whose "mkdir" and "rmdir" do what the kernel does for a trace
// instance. test/long/recorder.test.ts runs it against the real one.
const script = join(repository, 'resources/recorder/record-filemap.sh');
const top = mkdtempSync(join(tmpdir(), 'tmem-recorder-'));
afterAll(() => rmSync(top, { recursive: true, force: true }));

const ACCESSES = ['get_pages', 'map_pages', 'fault'];
const CACHE = ['add_to_page_cache', 'delete_from_page_cache'];

interface Fake {
  readonly folder: string;
  readonly tracefs: string;
  readonly output: string;
  readonly env: NodeJS.ProcessEnv;
}

/** A tracefs with these events, whose instances give `text` when they are read, and then nothing until tracing was on and is off. */
function fakeTracefs(text: string, { events = [...ACCESSES, ...CACHE], overrun = 0 } = {}): Fake {
  const folder = mkdtempSync(join(top, 'fake-'));
  const tracefs = join(folder, 'tracefs');
  mkdirSync(join(tracefs, 'instances'), { recursive: true });
  mkdirSync(join(tracefs, 'events'));
  for (const name of events) mkdirSync(join(tracefs, 'events/filemap', `mm_filemap_${name}`), { recursive: true });
  writeFileSync(join(folder, 'text'), text);
  const bin = join(folder, 'bin');
  mkdirSync(bin);
  writeFileSync(
    join(bin, 'mkdir'),
    `#!/bin/sh
    PATH=/usr/bin:/bin
    mkdir "$1" || exit 1
    cd "$1"
    cp -r ${tracefs}/events . && mkdir -p options per_cpu/cpu0 per_cpu/cpu1
    for file in tracing_on buffer_size_kb trace_clock set_event_notrace_pid options/event-fork; do echo 0 >$file; done
    for event in events/filemap/*; do echo 0 >$event/enable; done
    echo '# tracer: nop' >trace
    printf 'entries: 0\\noverrun: ${overrun}\\n' | tee per_cpu/cpu0/stats >per_cpu/cpu1/stats
    mkfifo trace_pipe
    {
      exec >trace_pipe
      cat ${folder}/text
      on=
      while [ -e trace_pipe ]; do
        case $(cat tracing_on) in
          1) on=1 ;;
          0) [ -z "$on" ] || break ;;
        esac
        sleep 0.05
      done
    } 2>/dev/null </dev/null &
    `,
  );
  // What the instance was set to when it was removed stays for the test to see.
  writeFileSync(join(bin, 'rmdir'), `#!/bin/sh\nPATH=/usr/bin:/bin\nrm "$1/trace_pipe" && mv "$1" ${folder}/removed\n`);
  for (const name of ['mkdir', 'rmdir']) chmodSync(join(bin, name), 0o755);
  const env = { ...process.env, PATH: `${bin}:/usr/sbin:/usr/bin:/bin`, TMEM_TRACEFS: tracefs };
  return { folder, tracefs, output: join(folder, 'out.gz'), env };
}

interface Ended {
  readonly code: number | null;
  readonly stderr: string;
}

function start(fake: Fake, ...parameters: string[]) {
  const child = spawn('sh', [script, ...parameters], {
    env: fake.env,
    stdio: ['ignore', 'ignore', 'pipe'],
    cwd: fake.folder,
  });
  let stderr = '';
  child.stderr.setEncoding('utf8').on('data', (text: string) => (stderr += text));
  const ended = once(child, 'close').then(([code]: unknown[]): Ended => ({ code: code as number | null, stderr }));
  return { child, ended };
}

const record = (fake: Fake, ...parameters: string[]): Promise<Ended> =>
  start(fake, '-o', fake.output, ...parameters).ended;

function expectEnded(ended: Ended, code: number, said: string): void {
  expect(ended.stderr).toContain(said);
  expect(ended.code).toBe(code);
}

/** Neither an instance nor a half-written file is left. */
function expectClean(fake: Fake): void {
  expect(readdirSync(join(fake.tracefs, 'instances'))).toEqual([]);
  expect(readdirSync(fake.folder).filter((name) => name.includes('.part'))).toEqual([]);
}

const some =
  event('1.000001', 'get_pages: dev=8:1 ino=a ofs=0-8191') +
  event('1.5', 'fault: dev=8:1 ino=b ofs=4096', 'npm install-7');

describe.concurrent('the recorder script, against a made-up tracefs', () => {
  it('records while a command runs, into a file that the console reads', async () => {
    const fake = fakeTracefs(some);
    const ended = await record(fake, '-b', '512', '--', 'sh', '-c', 'echo ran >ran');
    expectEnded(ended, 0, '2 events in');
    expect(ended.stderr).toContain('the command has ended');
    expect(readFileSync(join(fake.folder, 'ran'), 'utf8')).toBe('ran\n');
    const trace = await readTrace(fake.output);
    expect(references(trace)).toEqual(['dev 8:1 inode a[0]', 'dev 8:1 inode a[1]', 'dev 8:1 inode b[1]']);
    expect(trace.info).toMatchObject({ format: 'ftrace', postCache: false, notes: [] });
    expectClean(fake);
    const setting = (name: string): string => readFileSync(join(fake.folder, 'removed', name), 'utf8').trim();
    expect([setting('tracing_on'), setting('buffer_size_kb'), setting('trace_clock')]).toEqual(['0', '512', 'mono']);
    expect(Number(setting('set_event_notrace_pid'))).toBeGreaterThan(1);
  });

  it('records the accesses, and what enters and leaves the cache only when asked to', async () => {
    const log =
      'for event in events/filemap/*; do [ "$(cat $event/enable)" = 1 ] && echo ${event##*/mm_filemap_} >>on; done';
    const enabled = async (fake: Fake, ...parameters: string[]): Promise<string[]> => {
      const command = `cd ${fake.tracefs}/instances/* && ${log}; mv on ${fake.folder}/on`;
      expect(await record(fake, ...parameters, '--', 'sh', '-c', command)).toMatchObject({ code: 0 });
      return readFileSync(join(fake.folder, 'on'), 'utf8').trim().split('\n').sort();
    };
    expect(await enabled(fakeTracefs(some))).toEqual([...ACCESSES].sort());
    expect(await enabled(fakeTracefs(some), '-m')).toEqual([...ACCESSES, ...CACHE].sort());
  });

  it('says that an older kernel tells only the misses, and records those', async () => {
    const fake = fakeTracefs(event('1.0', 'add_to_page_cache: dev 8:1 ino a page=0 pfn=1 ofs=4096'), { events: CACHE });
    const ended = await record(fake, '--', 'true');
    expect(ended.code).toBe(0);
    expect(ended.stderr).toContain('only which pages come into its page cache');
    expect((await readTrace(fake.output)).info.postCache).toBe(true);
  });

  it('ends when its time is over', async () => {
    const fake = fakeTracefs(some);
    const ended = await record(fake, '-t', '1');
    expectEnded(ended, 0, '1 s are over');
    expect((await readTrace(fake.output)).pages.length).toBe(3);
    expectClean(fake);
  });

  it('waits for a command that is not done when the time is over', async () => {
    const fake = fakeTracefs(some);
    const ended = await record(fake, '-t', '1', '--', 'sh', '-c', 'sleep 4; echo ran >ran; exit 9');
    expect(ended.code).toBe(0);
    expect(ended.stderr).toMatch(/1 s are over[^]*the command goes on[^]*exit code 9/);
    expect(existsSync(join(fake.folder, 'ran'))).toBe(true);
  });

  it('ends with whole lines when its size is reached', async () => {
    const line = event('1.0', 'fault: dev=8:1 ino=a ofs=4096');
    const fake = fakeTracefs(line.repeat(10_000));
    const ended = await record(fake, '-s', '1');
    expectEnded(ended, 0, '1 MiB of text are recorded');
    expect((await readTrace(fake.output)).pages.length).toBe(Math.floor(2 ** 20 / 160));
    expectClean(fake);
  });

  it.each([
    ['SIGINT', 130],
    ['SIGTERM', 143],
    ['SIGHUP', 129],
  ] as const)('keeps what it has and cleans up when it is stopped by %s', async (signal, code) => {
    const fake = fakeTracefs(some);
    const { child, ended } = start(fake, '-o', fake.output, '--', 'sh', '-c', 'echo $$ >pid; exec sleep 60');
    await expect.poll(() => existsSync(join(fake.folder, 'pid')), { timeout: 20_000 }).toBe(true);
    child.kill(signal);
    expectEnded(await ended, code, `it was stopped by ${signal}`);
    expect((await readTrace(fake.output)).pages.length).toBe(3);
    expectClean(fake);
    const pid = Number(readFileSync(join(fake.folder, 'pid'), 'utf8'));
    expect(() => process.kill(pid, 0)).toThrow('ESRCH');
  });

  it('keeps nothing when nothing was recorded', async () => {
    const fake = fakeTracefs('');
    const ended = await record(fake, '-t', '1');
    expectEnded(ended, 1, 'nothing was recorded');
    expect(existsSync(fake.output)).toBe(false);
    expectClean(fake);
  });

  it('says how many events the kernel lost', async () => {
    const fake = fakeTracefs(`CPU:1 [LOST 70 EVENTS]\n${some}`, { overrun: 35 });
    expect((await record(fake, '-t', '1')).stderr).toContain('70 events were lost');
    expect((await readTrace(fake.output)).info.notes).toEqual(['The recorder lost 70 events.']);
  });

  it('removes the instance that a killed run left', async () => {
    const fake = fakeTracefs(some);
    const left = join(fake.tracefs, 'instances/tmem-console.999999999');
    mkdirSync(left);
    writeFileSync(join(left, 'tracing_on'), '1');
    writeFileSync(join(left, 'trace_pipe'), '');
    const ended = await record(fake, '-t', '1');
    expect(ended.stderr).toContain(`removed ${left}`);
    expect(existsSync(left)).toBe(false);
  });

  it.each([
    ['no tracefs', () => ({ ...fakeTracefs(''), tracefs: '' }), [], 'tracefs'],
    ['no filemap events', () => fakeTracefs('', { events: [] }), [], 'no filemap trace events'],
    ['no event that is known', () => fakeTracefs('', { events: ['other'] }), [], 'none that the console knows'],
    [
      'a bad duration',
      () => fakeTracefs(''),
      ['-t', '1.5'],
      'The duration (-t) must be a whole number from 1 to 86400',
    ],
    ['a bad size', () => fakeTracefs(''), ['-s', '0'], 'The size (-s) must be'],
    ['a bad buffer', () => fakeTracefs(''), ['-b', '99999999999999999999'], 'The buffer (-b) must be'],
    ['an unknown option', () => fakeTracefs(''), ['-x'], 'Usage:'],
  ])('refuses to begin with %s, and says why', async (_, make, parameters, reason) => {
    const fake = make();
    const env = fake.tracefs === '' ? { ...fake.env, TMEM_TRACEFS: join(fake.folder, 'none') } : fake.env;
    const ended = await record({ ...fake, env }, ...parameters);
    expectEnded(ended, 2, reason);
    expect(existsSync(fake.output)).toBe(false);
  });

  it('never writes over a file, and says when it cannot write one', async () => {
    const fake = fakeTracefs(some);
    writeFileSync(fake.output, 'mine');
    expectEnded(await record(fake), 2, 'exists already');
    expect(readFileSync(fake.output, 'utf8')).toBe('mine');
    const nowhere = await start(fake, '-o', join(fake.folder, 'no/such/folder.gz')).ended;
    expectEnded(nowhere, 2, 'cannot be written');
    expectEnded(await start(fake).ended, 2, 'Usage:');
  });

  it.runIf(process.getuid?.() === 0)('says that only root may trace', async () => {
    const fake = fakeTracefs(some);
    chmodSync(fake.tracefs, 0o755);
    const child = spawn('sh', [script, '-o', '/tmp/never.gz'], {
      env: fake.env,
      uid: 65_534,
      cwd: '/',
      stdio: ['ignore', 'ignore', 'pipe'],
    });
    let stderr = '';
    child.stderr.setEncoding('utf8').on('data', (text: string) => (stderr += text));
    expect(await once(child, 'close')).toEqual([2, null]);
    expect(stderr).toContain('only root may trace');
  });
});
