import { expect, test } from 'vitest';
import { decodeText } from './decode-text.ts';

test('UTF-8 is returned as it is', () => {
  expect(decodeText(Buffer.from('größe: "€ 😀"\n\ufffd'), 'f')).toBe('größe: "€ 😀"\n\ufffd');
  expect(decodeText(Buffer.alloc(0), 'f')).toBe('');
});

test.each([
  ['Latin-1', Buffer.from('a: 1\nb: größe\n', 'latin1'), 'f:2:6  not UTF-8: byte 0xF6'],
  ['Latin-1 after letters of UTF-8', Buffer.from([0xc3, 0xa4, 0xf6]), 'f:1:2  not UTF-8: byte 0xF6'],
  ['UTF-16', Buffer.from('\ufeffa: 1\n', 'utf16le'), 'f:1:1  not UTF-8: byte 0xFF'],
  ['a character that is cut off at the end', Buffer.from([0x61, 0x0a, 0x62, 0xe2, 0x82]), /^f:2:\d  not UTF-8/],
  ['half of a surrogate pair', Buffer.from([0x61, 0xed, 0xa0, 0x80]), /^f:1:2  not UTF-8/],
  [
    'a byte on the last of many lines',
    Buffer.from(`${'x\n'.repeat(9999)}\xe9`, 'latin1'),
    'f:10000:1  not UTF-8: byte 0xE9',
  ],
])('%s is refused with the place', (_, bytes, message) => {
  expect(() => decodeText(bytes, 'f')).toThrow(message);
});
