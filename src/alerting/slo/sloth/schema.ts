import { duration, z } from '../../../lib/schema.ts';

const text = z.union([z.string(), z.number(), z.boolean()]).transform(String);
const labels = z
  .record(z.string(), text)
  .nullish()
  .transform((value) => value ?? {});

const alert = z
  .strictObject({ disable: z.boolean().default(false), for: duration('0s'), labels, annotations: labels })
  .prefault({});

const objective = z.strictObject({
  name: z.string().min(1),
  description: z.string().default(''),
  objective: z.number().gt(0, 'expected a percentage over 0').lte(100, 'expected a percentage up to 100'),
  labels,
  sli: z.strictObject({
    events: z.strictObject({ error_query: z.string(), total_query: z.string() }).optional(),
    raw: z.strictObject({ error_ratio_query: z.string() }).optional(),
    plugin: z
      .undefined({ error: 'plugins are not supported, not even in part; write the queries under events or raw' })
      .optional(),
  }),
  alerting: z
    .strictObject({ name: z.string().default(''), labels, annotations: labels, page_alert: alert, ticket_alert: alert })
    .prefault({}),
});

/** An alert looks at a short and a long window at once: the long one says that it matters, the short one that it still goes on. */
const window = z.strictObject({
  short: duration(),
  long: duration(),
  /** How many times faster than even the budget is spent. */
  factor: z.number().positive(),
});

const pair = z.tuple([window, window]);

/** Sloth's own file, with `windows` besides for those who want others than Google's. */
export const slothSchema = z.strictObject({
  version: z.literal('prometheus/v1'),
  service: z.string().min(1),
  labels,
  slo_plugins: z.undefined({ error: 'plugins are not supported, not even in part' }).optional(),
  slos: z.array(objective).min(1),
  windows: z
    .strictObject({
      period: duration('30d'),
      interval: duration().optional(),
      page: pair.prefault([
        { short: '5m', long: '1h', factor: 14.4 },
        { short: '30m', long: '6h', factor: 6 },
      ]),
      ticket: pair.prefault([
        { short: '2h', long: '1d', factor: 3 },
        { short: '6h', long: '3d', factor: 1 },
      ]),
    })
    .prefault({}),
});

export type SlothFile = z.infer<typeof slothSchema>;
export type Objective = SlothFile['slos'][number];
export type Window = z.infer<typeof window>;
