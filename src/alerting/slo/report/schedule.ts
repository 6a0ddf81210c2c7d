import { readFile } from 'node:fs/promises';
import { isDeepStrictEqual } from 'node:util';
import { writeFileAtomic } from '../../../lib/durable/atomic-file.ts';
import type { ScheduledReport } from './due.ts';
import { type Remembered, type ReportOptions, RunningReport } from './running-report.ts';

export interface ScheduleOptions extends ReportOptions {
  /** Remembers which month was sent, and when the next report is due. */
  readonly stateFile: string;
}

/**
 * The reports of a configuration, each once a month at most. A kill between the sending of one and the note of it sends it
 * twice, with the same Message-ID.
 */
export class ReportSchedule {
  readonly #options: ScheduleOptions;
  #reports: readonly ScheduledReport[] = [];
  #running: RunningReport[] = [];
  #remembered: Record<string, Remembered> = {};
  #written: Promise<void> = Promise.resolve();

  constructor(options: ScheduleOptions) {
    this.#options = options;
  }

  async start(reports: readonly ScheduledReport[]): Promise<void> {
    this.#remembered = await readState(this.#options.stateFile);
    this.apply(reports);
  }

  /** Takes over the reports of another configuration. */
  apply(reports: readonly ScheduledReport[]): void {
    if (isDeepStrictEqual(reports, this.#reports)) return;
    this.#end();
    this.#reports = reports;
    this.#running = reports.map((report) => {
      const key = JSON.stringify([report.schedule, report.timezone, report.receiver]);
      const remember = (remembered: Remembered) => this.#remember(key, remembered);
      return new RunningReport(report, this.#options, this.#remembered[key], remember);
    });
  }

  async stop(): Promise<void> {
    this.#end();
    await this.#written;
  }

  #end(): void {
    for (const running of this.#running.splice(0)) running.stop();
  }

  #remember(key: string, remembered: Remembered): void {
    const { stateFile, logger } = this.#options;
    this.#remembered[key] = remembered;
    this.#written = this.#written
      .then(() => writeFileAtomic(stateFile, JSON.stringify(this.#remembered)))
      .catch((error: Error) =>
        logger.error({ file: stateFile, error: error.message }, 'cannot note which reports were sent'),
      );
  }
}

/** A file that is missing or damaged remembers nothing: at worst a report goes out again at its next time. */
async function readState(path: string): Promise<Record<string, Remembered>> {
  try {
    const value = JSON.parse(await readFile(path, 'utf8')) as Record<string, Partial<Remembered> | null>;
    const whole = Object.entries(value).filter(
      (entry): entry is [string, Remembered] => typeof entry[1]?.sent === 'string' && Number.isFinite(entry[1].next),
    );
    return Object.fromEntries(whole);
  } catch {
    return {};
  }
}
