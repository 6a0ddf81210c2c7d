import type { Alert } from '../model/alert.ts';
import { isResolved } from './dispatch/dedup.ts';

export interface ProviderOptions {
  /** Alerts held at once; a new one on top of these is dropped. */
  readonly maxAlerts: number;
  readonly onDrop: (alert: Alert) => void;
}

type Listener = (alerts: readonly Alert[], now: number) => void;

/** Milliseconds that a resolved alert is still returned, so that a page about it has something to show. */
const RESOLVED_RETENTION = 15 * 60_000;

/** The newest state of every alert, by fingerprint: what evaluation puts in and dispatch, API and console read. */
export class AlertProvider {
  readonly #options: ProviderOptions;
  readonly #alerts = new Map<string, Alert>();
  readonly #listeners = new Set<Listener>();

  constructor(options: ProviderOptions) {
    this.#options = options;
  }

  /** Takes the newest state of each alert and passes it on to the subscribers. */
  put(alerts: readonly Alert[], now: number): void {
    if (alerts.length === 0) return;
    const taken = alerts.filter((alert) => this.#take(alert, now));
    for (const listener of this.#listeners) listener(taken, now);
  }

  get(fingerprint: string): Alert | undefined {
    return this.#alerts.get(fingerprint);
  }

  /** Firing and recently resolved. */
  all(): Alert[] {
    return [...this.#alerts.values()];
  }

  firing(now: number): Alert[] {
    return this.all().filter((alert) => !isResolved(alert, now));
  }

  /** Calls `listener` with what is put from now on; the returned function ends that. */
  subscribe(listener: Listener): () => void {
    this.#listeners.add(listener);
    return () => this.#listeners.delete(listener);
  }

  #take(alert: Alert, now: number): boolean {
    const { maxAlerts, onDrop } = this.#options;
    if (!this.#alerts.has(alert.fingerprint) && this.#alerts.size >= maxAlerts) {
      this.#forget(now, 0);
      if (this.#alerts.size >= maxAlerts) {
        onDrop(alert);
        return false;
      }
    }
    this.#alerts.set(alert.fingerprint, alert);
    return true;
  }

  /** Removes alerts that have been resolved for long. */
  collect(now: number): void {
    this.#forget(now, RESOLVED_RETENTION);
  }

  #forget(now: number, retention: number): void {
    for (const [fingerprint, { endsAt }] of this.#alerts)
      if (endsAt + retention <= now) this.#alerts.delete(fingerprint);
  }
}
