import { z } from '../../lib/schema/schema.ts';
import type { PostedAlert } from '../../model/alertmanager.ts';
import type { Matcher } from '../../model/matcher.ts';
import type { SilenceDraft } from '../../model/silence.ts';

/** A body that cannot be read, with the status that Alertmanager gives it. */
export class BodyError extends Error {
  readonly status: 400 | 422;

  constructor(status: 400 | 422, message: string) {
    super(message);
    this.name = 'BodyError';
    this.status = status;
  }
}

/** `0001-01-01T00:00:00Z` is how Go writes a time that was not set. Milliseconds; 0 = not given. */
const time = z
  .string()
  .nullish()
  .transform((text, context) => {
    if (text === undefined || text === null || text.startsWith('0001-01-01T00:00:00')) return 0;
    const ms = /^\d{4}-\d\d-\d\d([Tt ]|$)/.test(text) ? Date.parse(text) : NaN;
    if (Number.isNaN(ms)) context.addIssue(`expected a time such as 2026-11-21T10:30:00Z, not ${JSON.stringify(text)}`);
    return ms;
  });

const strings = z.record(z.string(), z.string());
const text = z
  .string()
  .nullish()
  .transform((value) => value ?? '');

const alertSchema = z
  .object({
    labels: strings,
    annotations: strings.nullish().transform((value) => value ?? {}),
    startsAt: time,
    endsAt: time,
    generatorURL: text,
  })
  .transform((alert): PostedAlert => alert);

const matcherSchema = z
  .object({ name: z.string(), value: z.string(), isRegex: z.boolean(), isEqual: z.boolean().default(true) })
  .transform(({ name, value, isRegex, isEqual }): Matcher => {
    const op = isRegex ? (isEqual ? '=~' : '!~') : isEqual ? '=' : '!=';
    return { name, value, op };
  });

const silenceSchema = z
  .object({
    id: text,
    matchers: z.array(matcherSchema).min(1),
    startsAt: time,
    endsAt: time.refine((ms) => ms > 0, 'is required'),
    createdBy: z.string(),
    comment: z.string(),
    annotations: strings.nullish().transform((value) => value ?? {}),
  })
  .transform((silence): SilenceDraft => silence);

/** Alerts of one request; each of them is validated before the first is taken. @throws {BodyError} */
export function readAlerts(body: unknown): readonly PostedAlert[] {
  return read(body, z.array(alertSchema), 'alerts');
}

/** @throws {BodyError} */
export function readSilence(body: unknown): SilenceDraft {
  return read(body, silenceSchema, 'silence');
}

/** Complaints that one answer names. */
const MOST = 20;

function read<T>(body: unknown, schema: z.ZodType<T>, what: string): T {
  let json: unknown;
  try {
    json = JSON.parse(Buffer.isBuffer(body) ? body.toString() : '');
  } catch (error) {
    throw new BodyError(400, `parsing ${what} body failed, because ${(error as Error).message}`);
  }
  const parsed = schema.safeParse(json);
  if (parsed.success) return parsed.data;
  const faults = parsed.error.issues.slice(0, MOST).map(({ path, message }) => {
    const place = path.join('.');
    return `${place === '' ? 'body' : `${place} in body`}: ${message}`;
  });
  throw new BodyError(422, faults.join('; '));
}
