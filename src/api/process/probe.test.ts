import { expect, test } from 'vitest';
import type { ProbeRequest } from '../../model/probe.ts';
import { testApi } from '../testing.ts';

test('/probe hands on target, module and what the scraper waits, and answers with the page', async () => {
  const asked: ProbeRequest[] = [];
  const app = await testApi({
    probe: async (request) => {
      asked.push(request);
      return { status: 200, text: 'probe_success 1\n' };
    },
  });
  const response = await app.inject({
    url: '/probe?target=http%3A%2F%2Fa%2F%3Fb%3Dc%26d&module=m&debug=true',
    headers: { 'x-prometheus-scrape-timeout-seconds': '10' },
  });
  expect(response.body).toBe('probe_success 1\n');
  expect(response.headers['content-type']).toBe('text/plain; version=0.0.4; charset=utf-8');
  await app.inject('/probe?target=a:1');
  expect(asked).toEqual([
    { target: 'http://a/?b=c&d', module: 'm', debug: true, timeout: 9500 },
    { target: 'a:1', module: 'http_2xx', debug: false, timeout: undefined },
  ]);
});

test('/probe of a process that collects nothing is 501', async () => {
  const response = await (await testApi()).inject('/probe?target=a:1');
  expect(response.statusCode).toBe(501);
  expect(response.json()).toMatchObject({ error: 'this crowsnest has no black-box probes' });
});
