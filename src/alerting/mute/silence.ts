import { compileMatch } from '../../lib/text/match.ts';
import type { Matcher } from '../../model/matcher.ts';
import type { Silence, SilenceDraft, SilenceState } from '../../model/silence.ts';

/** A silence that cannot be set. `unknown`: no silence has the id. */
export class SilenceError extends Error {
  readonly reason: 'invalid' | 'unknown' | 'too_many';

  constructor(reason: SilenceError['reason'], message: string) {
    super(message);
    this.name = 'SilenceError';
    this.reason = reason;
  }
}

export function stateOfSilence({ startsAt, endsAt }: Pick<Silence, 'startsAt' | 'endsAt'>, now: number): SilenceState {
  if (now < startsAt) return 'pending';
  return now < endsAt ? 'active' : 'expired';
}

/** @throws {SilenceError} in Alertmanager's words, for times or matchers that make no silence. */
export function checkSilence({ startsAt, endsAt, matchers }: SilenceDraft, now: number): void {
  const refuse = (why: string) => new SilenceError('invalid', why);
  if (startsAt >= endsAt) throw refuse('Failed to create silence: start time must be before end time');
  if (endsAt < now) throw refuse("Failed to create silence: end time can't be in the past");
  if (matchers.every(matchesEmpty))
    throw refuse('invalid silence: at least one matcher must not match the empty string');
}

function matchesEmpty({ name, op, value }: Matcher): boolean {
  if (name === '') throw new SilenceError('invalid', 'invalid silence: invalid label name ""');
  try {
    return compileMatch(op, value)('');
  } catch (error) {
    const why = `invalid silence: invalid regular expression ${JSON.stringify(value)}: ${(error as Error).message}`;
    throw new SilenceError('invalid', why);
  }
}

/** Whether `next` may take the place of `known`; otherwise `known` expires and `next` gets an id of its own (source: silence/silence.go). */
export function canUpdate(known: Silence, next: SilenceDraft, now: number): boolean {
  if (JSON.stringify(known.matchers) !== JSON.stringify(next.matchers)) return false;
  switch (stateOfSilence(known, now)) {
    case 'active':
      return next.startsAt === known.startsAt && next.endsAt >= now;
    case 'pending':
      return next.startsAt >= now;
    default:
      return false;
  }
}
