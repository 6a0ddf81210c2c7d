import { expect, test } from 'vitest';
import { logsSchema } from './config.ts';

test.each([
  [{ files: ['/var/log/[z-a].log'] }],
  [{ files: [{ path: '/var/log/[z-a].log' }] }],
  [{ exclude: ['/var/log/[z-a].log'] }],
])('%j is refused, as its pattern is not valid', (section) => {
  const { error } = logsSchema.safeParse(section);
  expect(JSON.stringify(error?.issues)).toContain('/var/log/[z-a].log: syntax error in pattern');
});
