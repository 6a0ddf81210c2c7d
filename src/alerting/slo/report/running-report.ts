import { Backoff } from '../../../lib/time/backoff.ts';
import type { Logger } from '../../../lib/logger.ts';
import type { Clock } from '../../../lib/time/clock.ts';
import type { Query } from '../../../model/query.ts';
import { reportsSent } from '../../metrics.ts';
import type { Letter } from '../../receivers/kind.ts';
import { type ScheduledReport, onSchedule } from './due.ts';
import { type ObjectiveFigures, objectiveFigures } from './figures.ts';
import { reportLetter } from './letter.ts';
import { type Period, monthBefore } from './period.ts';

export interface ReportOptions {
  readonly query: Query;
  /** What can mail to a receiver, as the routing file is now. */
  readonly mailers: (receiver: string) => readonly Mailer[];
  readonly externalUrl: string;
  readonly clock: Clock;
  readonly logger: Logger;
}

type Mailer = (letter: Letter, signal: AbortSignal) => Promise<{ readonly ok: boolean; readonly error?: string }>;

/** What is known of a report from before. */
export interface Remembered {
  /** The month that was sent last; '' before the first. */
  readonly sent: string;
  /** Milliseconds: a time that passes while the process is down is made up for at its start. */
  readonly next: number;
}

/** Milliseconds for one mail. */
const MAIL_WITHIN = 60_000;

/** One report on its schedule. What cannot be sent is tried again until it is, or another month is due. */
export class RunningReport {
  readonly #report: ScheduledReport;
  readonly #options: ReportOptions;
  readonly #remember: (remembered: Remembered) => void;
  readonly #schedule: ReturnType<typeof onSchedule>;
  readonly #stopped = new AbortController();
  readonly #backoff = new Backoff({ min: 60_000, max: 3_600_000 });
  #sent: string;
  /** Those that have the month under way already. */
  #delivered = { month: '', to: new Set<number>() };
  #cancelRetry = () => {};

  constructor(
    report: ScheduledReport,
    options: ReportOptions,
    known: Remembered | undefined,
    remember: (remembered: Remembered) => void,
  ) {
    this.#report = report;
    this.#options = options;
    this.#remember = remember;
    this.#sent = known?.sent ?? '';
    this.#schedule = onSchedule(report, () => void this.#due());
    if (known !== undefined && known.next <= options.clock.now()) void this.#due();
    else this.#note();
  }

  stop(): void {
    this.#stopped.abort();
    this.#cancelRetry();
    this.#schedule.stop();
  }

  async #due(): Promise<void> {
    const { clock, logger } = this.#options;
    const period = monthBefore(clock.now());
    this.#cancelRetry();
    if (this.#sent === period.name) return;
    if (this.#delivered.month !== period.name) this.#delivered = { month: period.name, to: new Set() };
    const trouble = await this.#send(period).catch((error: unknown) => (error as Error).message);
    if (this.#stopped.signal.aborted) return;
    reportsSent.inc({ outcome: trouble === '' ? 'sent' : 'failed' });
    if (trouble === '') {
      this.#backoff.reset();
      this.#sent = period.name;
      return this.#note();
    }
    const { receiver } = this.#report;
    logger.error({ receiver, error: trouble }, `the report on ${period.title} could not be sent; tried again`);
    this.#cancelRetry = clock.after(this.#backoff.next(), () => void this.#due());
  }

  /** Why it could not be sent to all; '' where it was. */
  async #send(period: Period): Promise<string> {
    const { query, mailers, externalUrl, clock, logger } = this.#options;
    const { receiver } = this.#report;
    const figures: readonly ObjectiveFigures[] = await objectiveFigures(
      query,
      period,
      clock.now(),
      this.#stopped.signal,
    );
    if (figures.length === 0) logger.warn({ receiver }, `no objective was recorded in ${period.title}`);
    const letter = reportLetter(figures, period, externalUrl);
    const troubles: string[] = [];
    for (const [i, mail] of mailers(receiver).entries()) {
      if (this.#delivered.to.has(i)) continue;
      const { ok, error = 'refused' } = await mail(letter, AbortSignal.timeout(MAIL_WITHIN));
      if (ok) this.#delivered.to.add(i);
      else troubles.push(error);
    }
    return troubles.join('; ');
  }

  #note(): void {
    this.#remember({ sent: this.#sent, next: this.#schedule.next() });
  }
}
