import { randomUUID } from 'node:crypto';
import { type Clock, systemClock } from '../../lib/time/clock.ts';
import type { FileSystem } from '../../lib/durable/file-system.ts';
import { Journal } from '../../lib/durable/journal.ts';
import { type Logger, LogOnce } from '../../lib/logger.ts';
import { z } from '../../lib/schema/schema.ts';
import type { Labels } from '../../model/labels.ts';
import type { Silence, SilenceDraft } from '../../model/silence.ts';
import { journalDamaged, journalFailures } from '../metrics.ts';
import { type LabelTest, compileMatchers } from '../routing/matchers.ts';
import { SilenceError, canUpdate, checkSilence, stateOfSilence } from './silence.ts';

export interface SilencesOptions {
  readonly path: string;
  readonly logger: Logger;
  readonly clock?: Clock;
  readonly fs?: FileSystem;
  /** Silences kept at once, expired ones included; one more is refused. */
  readonly maxSilences?: number;
  /** Bytes of the file past which it is written anew. */
  readonly compactAt?: number;
}

const MAX_SILENCES = 10_000;
const COMPACT_AT = 1024 * 1024;
/** Milliseconds that an expired silence is still listed. */
const RETENTION = 120 * 3_600_000;

const schema = z.object({
  id: z.string(),
  matchers: z.array(z.object({ name: z.string(), op: z.enum(['=', '!=', '=~', '!~']), value: z.string() })),
  startsAt: z.number(),
  endsAt: z.number(),
  updatedAt: z.number(),
  createdBy: z.string(),
  comment: z.string(),
  annotations: z.record(z.string(), z.string()).default({}),
});

/**
 * Silences on disk. One that was set is on the disk before its id is returned, so a silence that a person was promised
 * outlives a crash. Versions of a silence merge: the later one counts, so that replicas reach the same state.
 */
export class Silences {
  readonly #options: SilencesOptions;
  readonly #clock: Clock;
  readonly #journal: Journal<Silence>;
  readonly #silences = new Map<string, { readonly silence: Silence; readonly test: LabelTest }>();
  readonly #once = new LogOnce();
  #compactAt: number;
  #last: Promise<unknown> = Promise.resolve();

  constructor(options: SilencesOptions) {
    this.#options = options;
    this.#clock = options.clock ?? systemClock;
    this.#compactAt = options.compactAt ?? COMPACT_AT;
    const parse = (json: unknown) => compiled(schema.parse(json)).silence;
    this.#journal = new Journal(options.path, { parse, fs: options.fs });
  }

  async start(): Promise<void> {
    const { path, logger } = this.#options;
    const { records, damaged, movedTo } = await this.#journal.open();
    if (damaged > 0) {
      journalDamaged.inc({ file: 'silences' }, damaged);
      logger.warn({ path, damaged, movedTo }, 'records of the silences are damaged; the rest is used');
    }
    for (const silence of records) this.#take(silence);
  }

  async stop(): Promise<void> {
    await this.#last;
    await this.#journal.close();
  }

  all(): Silence[] {
    this.#forgetOld();
    return [...this.#silences.values()].map(({ silence }) => silence);
  }

  get(id: string): Silence | undefined {
    return this.#silences.get(id)?.silence;
  }

  /** Ids of the silences that are active and match. */
  mutes(labels: Labels, now: number): string[] {
    const found: string[] = [];
    for (const { silence, test } of this.#silences.values())
      if (stateOfSilence(silence, now) === 'active' && test(labels)) found.push(silence.id);
    return found;
  }

  /**
   * Sets a new silence, or changes the one that the draft names. Returns its id, which is a new one where more changes than the
   * end, the comment and the author.
   * @throws {SilenceError}; {Error} where the disk refuses: nothing is silenced then.
   */
  set(draft: SilenceDraft): Promise<string> {
    return this.#inTurn(async () => {
      const now = this.#clock.now();
      const { id = '', ...rest } = draft;
      checkSilence(draft, now);
      const known = this.get(id);
      if (id !== '' && known === undefined) throw new SilenceError('unknown', 'silence not found');
      if (known !== undefined && canUpdate(known, draft, now)) {
        await this.#write([{ ...rest, id, updatedAt: now }]);
        return id;
      }
      this.#refuseTooMany();
      const created = { ...rest, id: randomUUID(), startsAt: Math.max(rest.startsAt, now), updatedAt: now };
      await this.#write(known === undefined ? [created] : [...this.#expired(known, now), created]);
      return created.id;
    });
  }

  /** Ends a silence now; one that has ended stays as it is. @throws {SilenceError} where no silence has the id. */
  expire(id: string): Promise<void> {
    return this.#inTurn(async () => {
      const known = this.get(id);
      if (known === undefined) throw new SilenceError('unknown', 'silence not found');
      await this.#write(this.#expired(known, this.#clock.now()));
    });
  }

  /** Takes versions of another replica; older ones than those known are ignored. */
  merge(silences: readonly Silence[]): Promise<void> {
    return this.#inTurn(() =>
      this.#write(silences.filter(({ id, updatedAt }) => updatedAt > (this.get(id)?.updatedAt ?? 0))),
    );
  }

  /** The version by which a silence ends; none where it has ended. */
  #expired(known: Silence, now: number): Silence[] {
    const state = stateOfSilence(known, now);
    if (state === 'expired') return [];
    const startsAt = state === 'pending' ? now : known.startsAt;
    return [{ ...known, startsAt, endsAt: now, updatedAt: now }];
  }

  #refuseTooMany(): void {
    const { maxSilences = MAX_SILENCES } = this.#options;
    this.#forgetOld();
    if (this.#silences.size < maxSilences) return;
    throw new SilenceError('too_many', `there are ${maxSilences} silences, expired ones included; no more are taken`);
  }

  async #write(silences: readonly Silence[]): Promise<void> {
    if (silences.length === 0) return;
    try {
      await this.#journal.append(silences);
    } catch (error) {
      journalFailures.inc({ file: 'silences' });
      throw error;
    }
    for (const silence of silences) this.#take(silence);
    if (this.#journal.size > this.#compactAt) await this.#compact();
  }

  #take(silence: Silence): void {
    const known = this.get(silence.id);
    if (known === undefined || known.updatedAt <= silence.updatedAt) this.#silences.set(silence.id, compiled(silence));
  }

  #forgetOld(): void {
    const before = this.#clock.now() - RETENTION;
    for (const [id, { silence }] of this.#silences) if (silence.endsAt <= before) this.#silences.delete(id);
  }

  async #compact(): Promise<void> {
    try {
      await this.#journal.compact(() => this.all());
      this.#compactAt = Math.max(this.#options.compactAt ?? COMPACT_AT, 2 * this.#journal.size);
    } catch (error) {
      // The old file goes on; tried again once it has grown by as much.
      this.#compactAt = this.#journal.size + (this.#options.compactAt ?? COMPACT_AT);
      const { message } = error as Error;
      if (this.#once.fresh('compact', message))
        this.#options.logger.warn({ error: message }, 'silences cannot be written anew');
    }
  }

  #inTurn<T>(run: () => Promise<T>): Promise<T> {
    const done = this.#last.then(run);
    this.#last = done.catch(() => undefined);
    return done;
  }
}

function compiled(silence: Silence): { readonly silence: Silence; readonly test: LabelTest } {
  return { silence, test: compileMatchers(silence.matchers) };
}
