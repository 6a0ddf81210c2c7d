import { counter } from '../lib/metrics.ts';

export const otlpPointsRefused = counter(
  'crowsnest_otlp_points_refused_total',
  'Data points of OTLP metrics that could not become series, by reason.',
  ['reason'],
);

export const ingestRefused = counter(
  'crowsnest_ingest_samples_refused_total',
  'Received samples that were refused before the store was asked, by route and reason.',
  ['route', 'reason'],
);
