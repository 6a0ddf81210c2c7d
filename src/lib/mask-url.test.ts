import { expect, test } from 'vitest';
import { maskUrl, placeOfUrl } from './mask-url.ts';

test.each([
  ['http://h:1/p', 'http://h:1/p', 'http://h:1/p'],
  ['https://ann:pw@h/p', 'https://ann:<secret>@h/p', 'https://h/p'],
  ['https://ann@h/p', 'https://ann@h/p', 'https://h/p'],
  ['http://h/p?token=abc&x=1#top', 'http://h/p?token=<secret>&x=<secret>#top', 'http://h/p'],
  ['http://h?a=b=c&d', 'http://h?a=<secret>&d', 'http://h'],
  ['http://h/p?mail=a@b', 'http://h/p?mail=<secret>', 'http://h/p'],
  ['no url', 'no url', 'no url'],
])('%s is shown as %s, and leads to %s', (url, masked, place) => {
  expect([maskUrl(url), placeOfUrl(url)]).toEqual([masked, place]);
});
