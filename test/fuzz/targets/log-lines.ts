import { isUtf8 } from 'node:buffer';
import { Batch } from '../../../src/logs/read/batch.ts';
import { createJoiner } from '../../../src/logs/join/index.ts';
import { recordsOf } from '../../../src/logs/testing.ts';
import { type FuzzTarget, NOTHING_TO_CLOSE } from '../target.ts';

const T = '2026-11-21T12:14:31.123456789Z';
const FORMATS = ['auto', 'cri', 'docker-json', 'plain'] as const;
const READS = [37, 1 << 12, 1 << 16];

/** A log file in each form, given to its joiner in reads of several sizes. */
export const logLines: FuzzTarget = {
  seeds: () =>
    Promise.resolve([
      `${T} stdout F hello\n${T} stderr P one, \n${T} stderr P two, \n${T} stderr F three\n`,
      `{"log":"hello\\n","stream":"stdout","time":"${T}"}\n{"log":"part","stream":"stderr","time":"${T}"}\n{"log":" end\\n","stream":"stderr","time":"${T}"}\n`,
      '2026-11-21 12:14:31,123 INFO plain line\nNov 21 12:14:31 host app[1]: syslog\n\tat java.lang.Thread\n[21/Nov/2026:12:14:31 +0100] GET /\n1700000000.123 epoch\n',
      '{"level":"error","ts":1700000000,"msg":"x","nested":{"a":[1,2]}}\n',
    ]),
  words: ['\n', '\r\n', T, ' stdout F ', ' stderr P ', '{"log":"', '\\n"', '"stream":"', '"time":"', '\\ud800', '\\u0000', '+99:99', '2026-02-30T25:61:61Z', '0000-00-00'], // prettier-ignore
  async open() {
    return {
      run(input) {
        for (const format of FORMATS) for (const bytes of READS) joinAll(format, input, bytes);
        return Promise.resolve();
      },
      close: NOTHING_TO_CLOSE,
    };
  },
};

function joinAll(format: (typeof FORMATS)[number], file: Buffer, readBytes: number): void {
  const joiner = createJoiner(format, format !== 'plain', 'Europe/Berlin');
  let position = 0;
  let offset = -1;
  for (let rounds = 0; ; rounds++) {
    if (rounds > 4 * file.length + 10)
      throw new Error(`${format} in reads of ${readBytes}: no progress at ${position}`);
    const batch = new Batch(readBytes, Math.max(64, joiner.need));
    const read = file.copy(batch.bytes, 0, position, position + readBytes);
    const end = batch.bytes.subarray(0, read).lastIndexOf(10) + 1;
    if (end === 0) break;
    const lines = batch.bytes.subarray(0, end);
    joiner.need = 0;
    const context = { base: position, clean: isUtf8(lines) && !lines.includes(0), now: 0, maxRecordBytes: 1 << 12 };
    position += joiner.take(batch, 0, end, context);
    for (const record of recordsOf(batch)) {
      if (!(record.offset > offset)) throw new Error(`${format}: offset ${record.offset} after ${offset}`);
      offset = record.offset;
      if (!Number.isFinite(record.timestamp) || !(record.nanos >= 0 && record.nanos < 1e6))
        throw new Error(`${format}: time ${record.timestamp} and ${record.nanos} ns`);
    }
    for (let i = 0; i < batch.count; i++) {
      const message = batch.bytes.subarray(batch.starts[i], batch.ends[i]);
      if (!isUtf8(message)) throw new Error(`${format}: a message that is not UTF-8`);
    }
  }
}
