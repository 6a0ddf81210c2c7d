import type { LogBatch, ShipOutcome } from '../../model/log.ts';
import { grown } from '../series/registry.ts';
import type { Head, HeadTransaction } from '../head/head.ts';
import type { HeadWriter } from '../head/head-writer.ts';
import { levelCodeOf } from './log-level.ts';
import type { KnownSource, LogPosition, LogSources } from './log-sources.ts';
import type { Comparison } from './same-file.ts';
import type { BytesUnderWay } from '../bytes-under-way.ts';
import { logsDuplicate, logsStored } from '../metrics.ts';

/** Compares record `i` of a batch with what is committed under the id. */
export type CompareWithStored = (id: string, batch: LogBatch, i: number) => Promise<Comparison>;

/** Bytes of a record's columns. */
const RECORD_BYTES = 64;

/** Bytes at the beginning of a line that are searched for its level. */
const LEVEL_BYTES = 300;

/**
 * Stores log records exactly once. The rows themselves carry the offset, so a source's position is durable in the very
 * commit that holds its records; what lies at or below it is a duplicate.
 *
 * A position may be of another file with the same id, where the reader lost its checkpoints. So the first batch of a source
 * that lies at or below what an earlier run stored is compared with that; where it differs, the file is stored from its start.
 */
export class LogWriter {
  readonly #writer: HeadWriter;
  readonly #sources: LogSources;
  readonly #underWay: BytesUnderWay;
  readonly #compare: CompareWithStored;
  readonly #introduced = new WeakMap<Head, Uint8Array>();
  #nextSeq: number;
  #committedSeq: number;

  constructor(
    writer: HeadWriter,
    sources: LogSources,
    underWay: BytesUnderWay,
    nextSeq: number,
    compare: CompareWithStored,
  ) {
    this.#writer = writer;
    this.#compare = compare;
    this.#underWay = underWay;
    this.#sources = sources;
    this.#nextSeq = nextSeq;
    this.#committedSeq = nextSeq - 1;
  }

  /** Number of the newest record that is committed. */
  get lastSeq(): number {
    return this.#committedSeq;
  }

  /** @throws {StoreError} `busy` where too much is on its way already. */
  write(batch: LogBatch): Promise<ShipOutcome> {
    return this.#underWay.during(batch.bytes.length + batch.count * RECORD_BYTES, () => this.#write(batch));
  }

  async #write(batch: LogBatch): Promise<ShipOutcome> {
    await this.#verify(batch);
    const source = this.#sources.of(batch.source);
    const position = this.#sources.position(source.id);
    let from = 0;
    while (from < batch.count && batch.offsets[from] <= position.taken) from++;
    const stored = batch.count - from;
    if (stored > 0) {
      position.taken = batch.offsets[batch.count - 1];
      await this.#writer.submit(
        {
          oldest: Infinity,
          append: (transaction) => this.#append(transaction, source, batch, from),
          committed: (head) => {
            position.committed = Math.max(position.committed, batch.offsets[batch.count - 1]);
            this.#committedSeq = Math.max(this.#committedSeq, this.#nextSeq - 1);
            head.logRecords += stored;
            for (let i = from; i < batch.count; i++) head.covers(batch.timestamps[i]);
          },
          failed: () => {
            position.taken = position.committed;
            for (const head of this.#writer.heads) this.#introduced.delete(head);
          },
        },
        true,
      );
    } else if (position.committed < position.taken) {
      await this.#settled();
    }
    logsStored.inc(stored);
    logsDuplicate.inc(from);
    return { stored, duplicates: from, refused: {} };
  }

  /** Batches of the source that come meanwhile wait for the same answer. */
  async #verify(batch: LogBatch): Promise<void> {
    if (batch.count === 0) return;
    const { id } = this.#sources.of(batch.source);
    const position = this.#sources.position(id);
    if (position.verified) return;
    position.verifying ??= this.#compareWith(id, position, batch).finally(() => delete position.verifying);
    await position.verifying;
  }

  async #compareWith(id: string, position: LogPosition, batch: LogBatch): Promise<void> {
    let known = 0;
    while (known < batch.count && batch.offsets[known] <= position.committed) known++;
    const comparison = known === 0 ? 'same' : await this.#compare(id, batch, known - 1);
    if (comparison === 'same') position.verified = true;
    if (comparison === 'other') this.#sources.startOver(batch.source);
  }

  /** What was taken from an earlier call is not safe yet: answer only when it is. */
  #settled(): Promise<void> {
    return this.#writer.submit(
      { oldest: Infinity, append: () => Promise.resolve(), committed: () => undefined, failed: () => undefined },
      true,
    );
  }

  async #append(transaction: HeadTransaction, source: KnownSource, batch: LogBatch, from: number): Promise<void> {
    await this.#introduce(transaction, source);
    const { columns, writer } = await transaction.logs.open();
    for (let i = from; i < batch.count; i++) {
      const row = writer.next();
      const start = batch.starts[i];
      const end = batch.ends[i];
      columns.seq.set(row, this.#nextSeq++);
      columns.source.data[row] = source.number;
      columns.offset.set(row, batch.offsets[i]);
      columns.ts.set(row, batch.timestamps[i]);
      columns.nanos.data[row] = batch.nanos[i];
      columns.stream.data[row] = batch.streams[i];
      columns.level.data[row] = levelCodeOf(batch.bytes.toString('latin1', start, Math.min(end, start + LEVEL_BYTES)));
      columns.flags.data[row] = batch.flags?.get(i)?.join(' ') ?? '';
      columns.message.data[row] = batch.bytes.subarray(start, end);
    }
  }

  async #introduce(transaction: HeadTransaction, source: KnownSource): Promise<void> {
    let known = this.#introduced.get(transaction.head) ?? new Uint8Array(64);
    if (source.number >= known.length) known = grown(known, source.number + 1);
    this.#introduced.set(transaction.head, known);
    if (known[source.number] === 1) return;
    known[source.number] = 1;
    const { columns, writer } = await transaction.logSources.open();
    const row = writer.next();
    columns.source.data[row] = source.number;
    columns.id.data[row] = source.id;
    columns.path.data[row] = source.path;
    columns.fields.data[row] = JSON.stringify(source.fields);
  }
}
