import type { Logger } from '../lib/logger.ts';
import { LogOnce } from '../lib/logger.ts';
import type { Alert, AlertEvent, RecordAlertEvents } from '../model/alert.ts';

/** A page about thousands of alerts writes history for so many of them. */
const MAX_PER_STEP = 200;

/** Writes down what becomes of alerts. History that cannot be written never holds up a page. */
export class History {
  readonly #record: RecordAlertEvents;
  readonly #logger: Logger;
  readonly #once = new LogOnce();
  #pending: Promise<void> = Promise.resolve();

  constructor(record: RecordAlertEvents, logger: Logger) {
    this.#record = record;
    this.#logger = logger;
  }

  add(
    kind: AlertEvent['kind'],
    alerts: readonly Pick<Alert, 'labels' | 'fingerprint' | 'value'>[],
    at: number,
    detail: string,
  ): void {
    if (alerts.length === 0) return;
    const events = alerts.slice(0, MAX_PER_STEP).map(({ labels, fingerprint, value }): AlertEvent => ({
      at,
      kind,
      detail,
      labels,
      fingerprint,
      value,
      alertname: labels.get('alertname'),
    }));
    this.#pending = this.#pending
      .then(() => this.#record(events))
      .then(() => void this.#once.clear('history'))
      .catch((error: unknown) => {
        const message = (error as Error).message;
        if (this.#once.fresh('history', message)) this.#logger.warn({ error: message }, 'alert history not written');
      });
  }

  /** Resolves when all that was added is written or has failed. */
  drained(): Promise<void> {
    return this.#pending;
  }
}
