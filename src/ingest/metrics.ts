import { counter } from '../lib/metrics.ts';

export const otlpPointsRefused = counter(
  'crowsnest_otlp_points_refused_total',
  'Data points of OTLP metrics that could not become series, by reason.',
  ['reason'],
);
