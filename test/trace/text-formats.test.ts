import { describe, expect, it } from 'vitest';
import { errorOf, readFrom, references, temporaryFolder } from './support.ts';

const folder = temporaryFolder();

describe('the MSR Cambridge reader', () => {
  const lines = [
    '128166372003061629,hm,0,Read,383496192,32768,559',
    '128166372016382155,hm,1,Write,4000,200,1',
    '128166372016382165,usr,0,read,383496192,1,1',
    '128166372026382155,hm,0,Read,383500288,0,1',
    '128166372026382155,hm,0,Write,383500288,4096,1',
  ].join('\n');

  it('makes each page of a request a reference, by host and disk', async () => {
    const trace = await readFrom(folder, 'hm.csv', lines);
    expect(trace.info).toMatchObject({ format: 'msr', records: 4, ignored: 1, postCache: true });
    const first = 383_496_192 / 4096;
    expect(references(trace)).toEqual([
      ...Array.from({ length: 8 }, (_, i) => `hm disk 0[${first + i}]`),
      'hm disk 1[0]',
      'hm disk 1[1]',
      `usr disk 0[${first}]`,
      `hm disk 0[${first + 1}]`,
    ]);
    expect([...(trace.timesUs ?? [])].slice(7)).toEqual([0, 1_332_052, 1_332_052, 1_332_053, 2_332_052]);
    expect([...(trace.writes ?? [])].slice(7)).toEqual([0, 1, 1, 0, 1]);
    expect([...(trace.tenants ?? [])].slice(7)).toEqual([0, 0, 0, 1, 0]);
  });

  it('counts requests as objects by volume and offset when asked to', async () => {
    const trace = await readFrom(folder, 'hm.csv', lines, { unit: 'object' });
    expect([...trace.pages]).toEqual([0, 1, 2, 3, 3]);
  });

  it.each([
    ['1,hm,0,Read,0', 'the line has 5 fields'],
    ['abc,hm,0,Read,0,1,1', 'the timestamp "abc"'],
    ['1,hm,x,Read,0,1,1', 'the disk "x"'],
    ['1,hm,0,Trim,0,1,1', 'the type "Trim" is neither Read nor Write'],
    ['1,hm,0,Read,-5,1,1', 'the offset "-5"'],
    ['1,hm,0,Read,0,10000000000,1', 'the record covers 10,000,003,072 bytes'],
    ['1,hm,0,Read,0,99999999999999999999,1', 'the size "99999999999999999999"'],
  ])('says where and why "%s" is wrong', async (line, reason) => {
    const text = `1,hm,0,Read,0,4096,1\n${line}\n`;
    const error = await errorOf(readFrom(folder, 'bad.csv', text));
    expect(error.message).toContain('bad.csv: line 2: ');
    expect(error.message).toContain(reason);
  });
});

describe('the CSV reader', () => {
  it('knows columns by the names in the header', async () => {
    const trace = await readFrom(
      folder,
      'named.csv',
      'Timestamp_ms;VM;Object ID;Size;Op\r\n10.5;a;17;4097;R\r\n11;b;17;1;write\r\n12;a;"17";10;get\r\n',
    );
    expect(trace.info).toMatchObject({ format: 'csv', records: 3, ignored: 1 });
    expect(references(trace)).toEqual([
      'guest a objects[0]',
      'guest a objects[1]',
      'guest b objects[0]',
      'guest a objects[0]',
    ]);
    expect([...(trace.timesUs ?? [])]).toEqual([0, 0, 500, 1500]);
    expect([...(trace.writes ?? [])]).toEqual([0, 0, 1, 0]);
    expect([...(trace.tenants ?? [])]).toEqual([0, 0, 1, 0]);
  });

  it('takes columns by number, with any delimiter, with or without a header', async () => {
    const csv = { columns: { time: 1, volume: 2, offset: 4, size: 3 } };
    const body = '0.5|sda|8192|4096\n0.75|sdb|1|0\n';
    const expected = ['volume sda[1]', 'volume sda[2]', 'volume sdb[0]'];
    expect(references(await readFrom(folder, 'a.csv', body, { csv: { ...csv, delimiter: '|' } }))).toEqual(expected);
    const withHeader = await readFrom(folder, 'a.csv', `when|where|how much|what\n${body}`, { csv });
    expect(references(withHeader)).toEqual(expected);
    expect([...(withHeader.timesUs ?? [])]).toEqual([0, 0, 250_000]);
  });

  it('takes columns by names of the file', async () => {
    const csv = { columns: { object: 'What', time: 'When' }, timeUnit: 'ns' as const };
    const trace = await readFrom(
      folder,
      'a.csv',
      'when,what\n1600000000000001500,x\n1600000000000003499,y\n1600000000000003500,x\n',
      { csv },
    );
    expect([...trace.pages]).toEqual([0, 1, 0]);
    expect([...(trace.timesUs ?? [])]).toEqual([0, 1, 2]);
  });

  it('reads files of one column, objects that are no numbers, comments and blank lines', async () => {
    const trace = await readFrom(folder, 'a.csv', '# ids\n\nkey\nfoo\n12\n0x12\nfoo\n012\n18446744073709551616\n');
    expect([...trace.pages]).toEqual([0, 1, 2, 0, 1, 3]);
    expect(trace.timesUs).toBeNull();
  });

  it('keeps pages of objects with offsets apart', async () => {
    const trace = await readFrom(folder, 'a.csv', 'inode,offset,size\n5,0,4096\n5,4096,1\n6,4096,1\nabc,0,1\n');
    expect(references(trace)).toEqual(['object 5[0]', 'object 5[1]', 'object 6[1]', 'object abc[0]']);
  });

  it('reads times that a program wrote with an exponent', async () => {
    const trace = await readFrom(folder, 'a.csv', 'time,id\n0,1\n1e-05,1\n1.5e0,1\n');
    expect([...(trace.timesUs ?? [])]).toEqual([0, 10, 1_500_000]);
  });

  it.each([
    ['time,id,size\n1,2,3\nx,2,3\n', 3, 'the time "x"'],
    ['time,id,size\n1,2\n', 2, 'the line has 2 fields, not 3 or more'],
    ['time,id,size\n1,2,4.5\n', 2, 'the size "4.5"'],
    ['time,id,op\n1,2,jump\n', 2, 'the operation "jump"'],
    ['time,id\n1,\n', 2, 'the object is empty'],
    ['time,id\n1,"2\n', 2, 'a quoted field does not end'],
    [`id\n${','.repeat(300)}\n`, 2, 'more than 256 fields'],
  ])('says where and why %j is wrong', async (text, line, reason) => {
    const error = await errorOf(readFrom(folder, 'bad.csv', text, { format: 'csv' }));
    expect(error.message).toContain(`bad.csv: line ${line}: `);
    expect(error.message).toContain(reason);
  });

  it('asks for the columns where it cannot know them', async () => {
    expect((await errorOf(readFrom(folder, 'a.csv', '1,2,3\n', { format: 'csv' }))).remedy).toContain('time=1');
    expect((await errorOf(readFrom(folder, 'a.csv', '1,2,3\n'))).message).toContain('look like no format');
    const csv = { columns: { object: 9 } };
    expect((await errorOf(readFrom(folder, 'a.csv', '1,2,3\n', { csv }))).message).toContain(
      'column 9, but the line has 3',
    );
  });
});
