import { expect, test } from 'vitest';
import { decimal } from './decimal.ts';
import { labelName, metricName, unitName } from './names.ts';

test.each([
  ['http.server.duration', 's', 'other', 'http_server_duration_seconds'],
  ['http.server.duration.seconds', 's', 'other', 'http_server_duration_seconds'],
  ['requests', '{request}', 'counter', 'requests_total'],
  ['requests_total', '', 'counter', 'requests_total'],
  ['total.sent', 'By', 'counter', 'sent_bytes_total'],
  ['load', '1', 'gauge', 'load_ratio'],
  ['load', '1', 'other', 'load'],
  ['speed', 'm/s', 'gauge', 'speed_meters_per_second'],
  ['rate', '{x}/s', 'gauge', 'rate_per_second'],
  ['odd', '/', 'gauge', 'odd'],
  ['odd', 'constructor', 'gauge', 'odd_constructor'],
  ['2xx', '', 'gauge', '_2xx'],
  ['a..b__c', '', 'gauge', 'a_b_c'],
  ['', 's', 'gauge', 'seconds'],
  ['_.-', '', 'gauge', ''],
] as const)('metric %j in %j (%s) is %j', (name, unit, kind, expected) => {
  expect(metricName({ name, unit, kind })).toBe(expected);
});

test.each([
  ['By/s', 'bytes_per_second'],
  ['1', ''],
  ['{thing}', ''],
  ['foo bar', 'foo_bar'],
])('unit %j is %j', (unit, expected) => {
  expect(unitName(unit)).toBe(expected);
});

test.each([
  ['k8s.pod.name', 'k8s_pod_name'],
  ['1st', 'key_1st'],
  ['_private', 'key_private'],
  ['__meta', '__meta'],
  ['ü', undefined],
  ['', undefined],
])('attribute %j is label %j', (attribute, expected) => {
  expect(labelName(attribute)).toBe(expected);
});

test.each([
  [0.1, '0.1'],
  [10, '10'],
  [-0, '-0'],
  [1e-7, '0.0000001'],
  [-1.25e-8, '-0.0000000125'],
  [2.5e21, '2500000000000000000000'],
  [Infinity, '+Inf'],
  [-Infinity, '-Inf'],
  [NaN, 'NaN'],
])('the number %d is written %s', (value, expected) => {
  expect(decimal(value)).toBe(expected);
});
