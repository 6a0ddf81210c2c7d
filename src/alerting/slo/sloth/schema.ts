import { duration, z } from '../../../lib/schema/schema.ts';
import { labels } from '../labels-schema.ts';

const alert = z
  .strictObject({ disable: z.boolean().default(false), for: duration('0s'), labels, annotations: labels })
  .prefault({});

const noPlugin = z
  .undefined({ error: 'plugins are not supported, not even in part; write the queries under events or raw' })
  .optional();

/** Without a plugin it is what some generators of such files write. */
const noChain = z.strictObject({ chain: z.array(z.unknown()).max(0, 'plugins are not supported').nullish() }).nullish();

const objective = {
  name: z.string().min(1),
  description: z.string().default(''),
  objective: z.number().gt(0, 'expected a percentage over 0').lte(100, 'expected a percentage up to 100'),
  labels,
};

const alerting = { name: z.string().default(''), labels, annotations: labels };

const snakeObjective = z.strictObject({
  ...objective,
  sli: z.strictObject({
    events: z
      .strictObject({ error_query: z.string(), total_query: z.string() })
      .transform(({ error_query, total_query }) => ({ errorQuery: error_query, totalQuery: total_query }))
      .optional(),
    raw: z
      .strictObject({ error_ratio_query: z.string() })
      .transform(({ error_ratio_query }) => ({ errorRatioQuery: error_ratio_query }))
      .optional(),
    plugin: noPlugin,
  }),
  alerting: z
    .strictObject({ ...alerting, page_alert: alert, ticket_alert: alert })
    .transform(({ page_alert, ticket_alert, ...rest }) => ({
      ...rest,
      pageAlert: page_alert,
      ticketAlert: ticket_alert,
    }))
    .prefault({}),
  plugins: noChain,
});

const camelObjective = z.strictObject({
  ...objective,
  sli: z.strictObject({
    events: z.strictObject({ errorQuery: z.string(), totalQuery: z.string() }).optional(),
    raw: z.strictObject({ errorRatioQuery: z.string() }).optional(),
    plugin: noPlugin,
  }),
  alerting: z.strictObject({ ...alerting, pageAlert: alert, ticketAlert: alert }).prefault({}),
  plugins: noChain,
});

const window = z.strictObject({
  short: duration(),
  long: duration(),
  /** How many times faster than even the budget is spent. */
  factor: z.number().positive(),
});

const pair = z.tuple([window, window]).optional();

/** Not Sloth's: for those who want other windows than the standard ones. */
const windows = z
  .strictObject({ period: duration('30d'), interval: duration().optional(), page: pair, ticket: pair })
  .prefault({});

/** Sloth's own file, `prometheus/v1`. */
export const slothFileSchema = z.strictObject({
  version: z.literal('prometheus/v1'),
  service: z.string().min(1),
  labels,
  slo_plugins: noChain,
  slos: z.array(snakeObjective).min(1),
  windows,
});

/** The `spec` of Sloth's Kubernetes object, `sloth.slok.dev/v1` PrometheusServiceLevel. */
export const slothSpecSchema = z.strictObject({
  service: z.string().min(1),
  labels,
  sloPlugins: noChain,
  slos: z.array(camelObjective).min(1),
  windows,
});

export type SlothSpec = z.infer<typeof slothSpecSchema>;
export type SlothObjective = SlothSpec['slos'][number];
