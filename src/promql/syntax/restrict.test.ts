import * as fc from 'fast-check';
import { expect, test } from 'vitest';
import type { Matcher } from '../../model/matcher.ts';
import type { Expr } from './ast.ts';
import { childrenOf } from './children.ts';
import { parse } from './parse.ts';
import { print } from '../text/print.ts';
import { restrict, restrictText } from './restrict.ts';
import { selectorsOf } from './selectors-of.ts';
import { arbitraryExpr } from '../testing/arbitrary-expr.ts';

const SHOP: readonly Matcher[] = [{ name: 'namespace', op: '=', value: 'shop' }];

test.each([
  ['up', 'up{namespace="shop"}'],
  ['up{namespace="bank"}', 'up{namespace="bank",namespace="shop"}'],
  ['up{namespace!="shop" or job="x"}', undefined],
  ['{__name__=~".+"}', '{__name__=~".+",namespace="shop"}'],
  ['{"a.b", "c d"=~"e"}', '{"c d"=~"e",__name__="a.b",namespace="shop"}'],
  ['rate(up[5m] offset 1h) or absent(down)', 'rate(up{namespace="shop"}[5m] offset 1h) or absent(down{namespace="shop"})'],
  ['max_over_time((a - on () group_left () b)[1h:1m] @ end())', 'max_over_time((a{namespace="shop"} - on () group_left () b{namespace="shop"})[1h:1m] @ end())'],
  ['topk(scalar(n), count_values("namespace", x))', 'topk(scalar(n{namespace="shop"}), count_values("namespace", x{namespace="shop"}))'],
  ['label_replace(up, "namespace", "shop", "", "")', 'label_replace(up{namespace="shop"}, "namespace", "shop", "", "")'],
  ['-(a) + 1', '-(a{namespace="shop"}) + 1'],
  ['1 + 1', '1 + 1'],
])('%s becomes %s', (text, expected) => {
  const become = () => restrictText(text, SHOP);
  if (expected === undefined) expect(become).toThrow();
  else expect(become()).toBe(expected);
}); // prettier-ignore

test('info() is refused wherever it stands', () => {
  expect(() => restrict(parse('sum(rate((info(up))[5m:]))'), SHOP)).toThrow(/info\(\) is not open/);
});

test('whatever the expression, its text has the matchers on every selector', () => {
  const matchers: readonly Matcher[] = [...SHOP, { name: 'te"am', op: '!~', value: '}\\\n"' }];
  fc.assert(
    fc.property(arbitraryExpr(), (expr) => {
      if (callsInfo(expr)) return expect(() => restrict(expr, matchers)).toThrow();
      for (const selector of selectorsOf(parse(restrictText(print(expr), matchers))))
        expect(selector).toEqual(expect.arrayContaining([...matchers]));
    }),
    { numRuns: 500 },
  );
});

function callsInfo(expr: Expr): boolean {
  return (expr.kind === 'call' && expr.func === 'info') || childrenOf(expr).some(callsInfo);
}
