import { expect, test } from 'vitest';
import { maskSecrets } from './mask-secrets.ts';

test('secrets never leave: inline values, headers, passwords in URLs; files and the rest stay', () => {
  const config = {
    basic_auth: { username: 'a', password: 'p1', password_file: '/f' },
    authorization: { credentials: 'p2' },
    list: [{ url: 'https://me:p3@es:9200/x' }],
    more: ['https://h/w?token=p5&key=p6', 'https://p7@h/'],
    params: { key: ['p8'] },
    headers: { 'X-Scope-OrgID': 'p4' },
    retention: 5,
  };
  const masked = JSON.stringify(maskSecrets(config));
  expect(masked).not.toMatch(/p[1-8]/);
  expect(maskSecrets(config)).toMatchObject({
    basic_auth: { username: 'a', password_file: '/f' },
    list: [{ url: 'https://me:<secret>@es:9200/x' }],
    more: ['https://h/w?token=<secret>&key=<secret>', 'https://<secret>@h/'],
    params: { key: ['<secret>'] },
    retention: 5,
  });
});
