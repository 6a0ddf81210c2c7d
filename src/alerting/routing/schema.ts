import { duration, z } from '../../lib/schema/schema.ts';
import { timeIntervalSchema } from '../mute/time-interval.ts';
import { notYet } from '../receivers/kind.ts';
import { RECEIVER_KINDS } from '../receivers/registry.ts';

/** Lists and sections without a value are empty, as in Go. */
const list = z
  .array(z.unknown())
  .nullish()
  .transform((value) => value ?? []);

type Keys<T extends z.ZodType> = Record<string, T>;

const stringMap = z.record(z.string(), z.string()).nullish();

/** The file's sections; each entry is validated by itself, so that one complaint does not hide the next. */
export const fileSchema = z.strictObject({
  global: z.unknown().optional(),
  templates: z.array(z.string()).nullish(),
  route: z.unknown().optional(),
  receivers: list,
  inhibit_rules: list,
  time_intervals: list,
  mute_time_intervals: list,
  tracing: notYet('remove it'),
  event_recorder: notYet('remove it'),
});

/** A named list of intervals; `mute_time_intervals` is the older name of `time_intervals`. */
export const namedIntervalsSchema = z.strictObject({
  name: z.string({ error: 'missing name in time interval' }).min(1, 'missing name in time interval'),
  time_intervals: z.array(timeIntervalSchema).nullish(),
});

export const receiverSchema = z.strictObject({
  name: z.string({ error: 'missing name in receiver' }).min(1, 'missing name in receiver'),
  labels: stringMap,
  ...(Object.fromEntries(RECEIVER_KINDS.map(({ key }) => [key, list])) as Keys<typeof list>),
});

const matchLabels = z.record(z.string(), z.string()).nullish();
const matchRegexes = z.record(z.string(), z.string({ error: 'expected a regular expression, not nothing' })).nullish();
const matchers = z.array(z.string()).nullish();

const routeOptions = {
  receiver: z.string().nullish(),
  group_by: z.array(z.string()).nullish(),
  group_wait: duration().nullish(),
  group_interval: duration().nullish(),
  repeat_interval: duration().nullish(),
  match: matchLabels,
  match_re: matchRegexes,
  matchers,
  continue: z.boolean().default(false),
  labels: stringMap,
  mute_time_intervals: z.array(z.string()).nullish(),
  active_time_intervals: z.array(z.string()).nullish(),
};

export type RouteNode = z.infer<z.ZodObject<typeof routeOptions>> & { readonly routes?: readonly RouteNode[] | null };

export const routeSchema: z.ZodType<RouteNode> = z.strictObject({
  ...routeOptions,
  routes: z.array(z.lazy(() => routeSchema)).nullish(),
});

export const inhibitSchema = z.strictObject({
  name: z.string().nullish(),
  source_match: matchLabels,
  source_match_re: matchRegexes,
  source_matchers: matchers,
  target_match: matchLabels,
  target_match_re: matchRegexes,
  target_matchers: matchers,
  equal: z.array(z.string()).nullish(),
});

export type InhibitNode = z.infer<typeof inhibitSchema>;
