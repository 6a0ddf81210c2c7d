import { z } from '../../lib/schema/schema.ts';
import { ApiError } from '../answers/errors.ts';
import type { Scope } from '../auth/principal.ts';
import { labelTest } from '../scope/alerts.ts';
import { type UpstreamAnswer, bodyOf } from './upstream.ts';

/*
 * Answers of the server behind that are read here, because a caller with a scope may see a part of them only. What is used is
 * checked, the rest passes. Lists may be absent or null: Go writes an empty one so.
 */

const labels = z.record(z.string(), z.string()).nullish();

const labelled = z.looseObject({ labels });

const rule = z.looseObject({ labels, alerts: z.array(labelled).nullish(), lastError: z.string().nullish() });

export const alertsSchema = z.looseObject({ alerts: z.array(labelled).nullish() }).nullish();

export const rulesSchema = z
  .looseObject({ groups: z.array(z.looseObject({ rules: z.array(rule).nullish() })).nullish() })
  .nullish();

export const metadataSchema = z.record(z.string(), z.unknown()).nullish();

export const namesSchema = z.array(z.string()).nullish();

type Labelled = z.infer<typeof labelled>;

export function filteredAlerts(data: z.infer<typeof alertsSchema>, scope: Scope) {
  return { alerts: (data?.alerts ?? []).filter(belongsTo(scope)) };
}

/** As over the embedded rules: those with the scope's labels, and others with none but its alerts. */
export function filteredRules(data: z.infer<typeof rulesSchema>, scope: Scope) {
  const belongs = belongsTo(scope);
  const groups = (data?.groups ?? []).map((group) => ({
    ...group,
    rules: (group.rules ?? []).flatMap((one) => {
      const alerts = one.alerts?.filter(belongs);
      if (!belongs(one) && (alerts?.length ?? 0) === 0) return [];
      return [{ ...one, ...(alerts && { alerts }), ...(one.lastError && { lastError: 'not shown' }) }];
    }),
  }));
  return { groups: groups.filter(({ rules }) => rules.length > 0) };
}

function belongsTo({ matchers }: Scope): (one: Labelled) => boolean {
  const test = labelTest(matchers);
  return (one) => test((name) => one.labels?.[name] ?? '');
}

/** The data of an answer. @throws {ApiError} for one that is longer than `maxBytes`, no success, or of another form. */
export async function readData<T>(answer: UpstreamAnswer, shape: z.ZodType<T>, maxBytes = Infinity): Promise<T> {
  const text = (await bodyOf(answer, maxBytes)).toString();
  let parsed: unknown;
  try {
    parsed = JSON.parse(text);
  } catch {
    parsed = undefined;
  }
  const said = envelope.safeParse(parsed);
  if (answer.status !== 200 || !said.success) {
    const message = said.data?.error ?? `the server behind answered ${answer.status}`;
    throw refusal(answer, message);
  }
  const data = shape.safeParse(said.data.data);
  if (!data.success) throw new ApiError('unavailable', 'the server behind answered in a form that is not known', 502);
  return data.data;
}

const envelope = z.looseObject({
  status: z.string().optional(),
  error: z.string().optional(),
  data: z.unknown().optional(),
});

/** Rate limits and overload are passed on as such; any other failure is reported as a fault of the upstream. */
function refusal({ status, retryAfter }: UpstreamAnswer, message: string): ApiError {
  if (status === 429) return new ApiError('too_many_requests', message, 429, { retryAfter });
  if (status === 503) return new ApiError('unavailable', message, 503, { retryAfter });
  return new ApiError('unavailable', message, 502);
}
