import type { Alert } from '../model/alert.ts';
import { isResolved } from './dispatch/dedup.ts';

export interface ProviderOptions {
  /** Alerts held at once; a new one on top of these is dropped. */
  readonly maxAlerts: number;
  readonly onDrop: (alert: Alert) => void;
}

type Listener = (alerts: readonly Alert[], now: number) => void;

interface Held {
  readonly alert: Alert;
  readonly updatedAt: number;
}

/** Milliseconds that a resolved alert is still returned, so that a page about it has something to show. */
const RESOLVED_RETENTION = 15 * 60_000;

/** The newest state of every alert, by fingerprint: evaluation and the API put alerts in; dispatch, API and console read them. */
export class AlertProvider {
  readonly #options: ProviderOptions;
  readonly #alerts = new Map<string, Held>();
  readonly #listeners = new Set<Listener>();

  constructor(options: ProviderOptions) {
    this.#options = options;
  }

  /** Takes the newest state of each alert and passes it on to the subscribers. */
  put(alerts: readonly Alert[], now: number): void {
    if (alerts.length === 0) return;
    const taken = this.#take(alerts, now);
    for (const listener of this.#listeners) listener(taken, now);
  }

  /** The same for alerts that other programs sent: each is joined with the one that is held, where their times overlap. */
  merge(alerts: readonly Alert[], now: number): void {
    this.put(
      alerts.map((alert) => {
        const held = this.get(alert.fingerprint);
        return held !== undefined && overlap(alert, held) ? joined(held, alert, now) : alert;
      }),
      now,
    );
  }

  get(fingerprint: string): Alert | undefined {
    return this.#alerts.get(fingerprint)?.alert;
  }

  /** When the alert was last put, milliseconds; 0 where it is not held. */
  updatedAt(fingerprint: string): number {
    return this.#alerts.get(fingerprint)?.updatedAt ?? 0;
  }

  /** Firing and recently resolved. */
  all(): Alert[] {
    return [...this.#alerts.values()].map(({ alert }) => alert);
  }

  firing(now: number): Alert[] {
    return this.all().filter((alert) => !isResolved(alert, now));
  }

  /** Calls `listener` with what is put from now on; the returned function ends that. */
  subscribe(listener: Listener): () => void {
    this.#listeners.add(listener);
    return () => this.#listeners.delete(listener);
  }

  /**
   * The alerts that are held now. Room is made once for all of them: each time costs a look at every alert held, and a batch
   * may have many more than fit.
   */
  #take(alerts: readonly Alert[], now: number): Alert[] {
    const { maxAlerts, onDrop } = this.#options;
    let roomMade = false;
    return alerts.filter((alert) => {
      const isFull = () => !this.#alerts.has(alert.fingerprint) && this.#alerts.size >= maxAlerts;
      if (isFull() && !roomMade) {
        this.#forget(now, 0);
        roomMade = true;
      }
      if (isFull()) {
        onDrop(alert);
        return false;
      }
      this.#alerts.set(alert.fingerprint, { alert, updatedAt: now });
      return true;
    });
  }

  /** Removes alerts that have been resolved for long. */
  collect(now: number): void {
    this.#forget(now, RESOLVED_RETENTION);
  }

  #forget(now: number, retention: number): void {
    for (const [fingerprint, { alert }] of this.#alerts)
      if (alert.endsAt + retention <= now) this.#alerts.delete(fingerprint);
  }
}

/** Whether one alert begins or ends within the other's time (source: provider/mem/mem.go, Put). */
function overlap(sent: Alert, held: Alert): boolean {
  return (
    (sent.endsAt > held.startsAt && sent.endsAt < held.endsAt) ||
    (sent.startsAt > held.startsAt && sent.startsAt < held.endsAt)
  );
}

/** The earliest start; the end that was given wins over one that was assumed (source: types/types.go, Merge). */
function joined(held: Alert, sent: Alert, now: number): Alert {
  const later = held.endsAt > sent.endsAt;
  const keepEnd = later && (isResolved(sent, now) ? isResolved(held, now) : held.assumedEnd !== true);
  return {
    ...sent,
    startsAt: Math.min(held.startsAt, sent.startsAt),
    endsAt: keepEnd ? held.endsAt : sent.endsAt,
  };
}
