import type { Matcher } from './matcher.ts';

export type SilenceState = 'pending' | 'active' | 'expired';

/** Alerts that match all matchers notify no one from `startsAt` until before `endsAt`. Times are milliseconds since the epoch. */
export interface Silence {
  /** A UUID. */
  readonly id: string;
  readonly matchers: readonly Matcher[];
  readonly startsAt: number;
  readonly endsAt: number;
  /** When it was last set. Of two versions with one id the later counts. */
  readonly updatedAt: number;
  readonly createdBy: string;
  readonly comment: string;
  readonly annotations: Readonly<Record<string, string>>;
}

/** A silence as a person asks for it. With an id it changes the silence of that id. */
export type SilenceDraft = Omit<Silence, 'id' | 'updatedAt'> & { readonly id?: string };
