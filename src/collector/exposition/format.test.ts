import { expect, test } from 'vitest';
import { acceptHeader, formatOf, type ScrapeProtocol } from './format.ts';

test.each<[string | undefined, ScrapeProtocol | undefined, string]>([
  ['text/plain; version=0.0.4; charset=utf-8', undefined, 'text'],
  ['text/plain', undefined, 'text'],
  ['application/openmetrics-text; version=1.0.0; charset=utf-8', undefined, 'openmetrics'],
  [undefined, undefined, 'text'],
  [undefined, 'OpenMetricsText1.0.0', 'openmetrics'],
  ['text/html', 'PrometheusText0.0.4', 'text'],
])('Content-Type %s with fallback %s is %s', (type, fallback, format) => {
  expect(formatOf(type, fallback)).toBe(format);
});

test.each([['text/html; charset=utf-8'], ['application/json'], ['application/vnd.google.protobuf']])(
  'Content-Type %s is refused',
  (type) => {
    expect(formatOf(type)).toHaveProperty('refused');
  },
);

test('the most wanted format stands first and weighs most', () => {
  expect(acceptHeader(['OpenMetricsText1.0.0', 'PrometheusText0.0.4'], 'allow-utf-8')).toBe(
    'application/openmetrics-text;version=1.0.0;escaping=allow-utf-8;q=0.3,text/plain;version=0.0.4;q=0.2,*/*;q=0.1',
  );
});
