import { expect, test } from 'vitest';
import { maskSecretsOfUrl, maskUrl, placeOfUrl } from './mask-url.ts';

test.each([
  ['http://h:1/p', 'http://h:1/p', 'http://h:1/p'],
  ['https://ann:pw@h/p', 'https://ann:<secret>@h/p', 'https://h/p'],
  ['https://t0ken@h/p', 'https://<secret>@h/p', 'https://h/p'],
  ['https://ann:p@w@h/p', 'https://ann:<secret>@h/p', 'https://h/p'],
  ['https://:pw@h/p', 'https://<secret>@h/p', 'https://h/p'],
  ['http://h/p?token=abc&x=1#top', 'http://h/p?token=<secret>&x=<secret>#top', 'http://h/p'],
  ['http://h?a=b=c&d', 'http://h?a=<secret>&d', 'http://h'],
  ['http://h/p?mail=a@b', 'http://h/p?mail=<secret>', 'http://h/p'],
  ['no url', 'no url', 'no url'],
])('%s is shown as %s, and leads to %s', (url, masked, place) => {
  expect([maskUrl(url), placeOfUrl(url)]).toEqual([masked, place]);
});

test('of a URL with parameters that tell targets apart, only secrets are hidden', () => {
  expect(maskSecretsOfUrl('http://a:b@h/probe?module=http_2xx&target=x&api_key=k&access_token=t')).toBe(
    'http://a:<secret>@h/probe?module=http_2xx&target=x&api_key=<secret>&access_token=<secret>',
  );
});
