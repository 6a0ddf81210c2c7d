import { expect, test } from 'vitest';
import { readFlags } from './alertmanager.ts';

test.each([
  [['--config.file=a.yml'], { 'config.file': 'a.yml' }],
  [['-config.file', 'a.yml', '--web.listen-address', '127.0.0.1:0'], { 'config.file': 'a.yml', 'web.listen-address': '127.0.0.1:0' }],
  [['--cluster.listen-address='], { 'cluster.listen-address': '' }],
  [['--log.silences', '--no-log.silences', '--cluster.settle-timeout=0s', '--log.level=debug'], { 'log.level': 'debug' }],
  [[], { 'config.file': 'alertmanager.yml', 'storage.path': 'data/', 'web.listen-address': ':9093' }],
])('the flags %j are read as Alertmanager reads them', (words, flags) => {
  expect(readFlags(words)).toMatchObject(flags);
}); // prettier-ignore

test.each([
  [['--nope=1'], 'unknown flag --nope'],
  [['a.yml'], 'unexpected "a.yml"'],
  [['--config.file'], 'expected a value for --config.file'],
  [['--cluster.peer=b:9094'], 'replicas are not built yet'],
])('the flags %j are refused', (words, error) => {
  expect(() => readFlags(words)).toThrow(error);
});
