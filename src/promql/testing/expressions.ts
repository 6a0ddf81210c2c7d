/** Valid expressions that use every part of the language once at least. */
export const VALID: readonly string[] = [
  '1',
  '-1',
  '+.5e3',
  '0x1F + 0755 + 1_000 - 5.',
  'Inf / NaN * -inf',
  '1h30m + 5m',
  '"a\\n\\"b\\u00e9"',
  "'a' # a comment",
  '`raw \\n`',
  'up',
  'a:b:c',
  'up{job="node", instance=~"a|b.*", zone!="", rack!~"x.*",}',
  '{__name__=~"a.*"}',
  '{"a.b", "c.d"="e"}',
  'sum',
  'and and by or without unless offset',
  'fill + fill_left{fill="x"} * start / end',
  'up offset 5m',
  'up offset -1h30m',
  'up offset 1.5',
  'up @ 1609746000.123',
  'up @ -1',
  'up @ start() offset 5m',
  'up offset 5m @ end()',
  'up[5m]',
  'up{a="b"}[1y2w3d4h5m6s7ms] @ end() offset 1w',
  'up[5m:]',
  'up[5m:30s] offset 1h @ 5',
  'max_over_time(rate(up[5m])[1h:1m])[2h:]',
  'up[5m + step() * 2]',
  'up[(5m + 1m) * 2 ^ 2 ^ 1 : max_of(step(), 10s)]',
  'up offset -(5m % 2m)',
  'up offset (5m - range() / 2) * 2',
  'up offset min_of(1m, -step())',
  'up offset -step() ^ 2',
  'rate(up[5m] anchored)',
  'rate(up[5m] smoothed @ start() offset 1m)',
  'up smoothed',
  'sum(up)',
  'sum by (job) (up)',
  'sum(up) without (job, "a b",)',
  'avg by () (up)',
  'topk(5, up) by (job)',
  'quantile without (a) (0.9, up)',
  'count_values("value", up)',
  'limitk(2, up) + limit_ratio(-0.5, up)',
  'stddev(up) / stdvar(up) + group(up) - min(up) + max(up) * count(up) + bottomk(1, up)',
  '-up ^ 2',
  '-(1 ^ 2)',
  '--up',
  '1 + 2 * 3 ^ 4 ^ 5 % 6 atan2 7 / 8 - 9',
  'a == bool b != c',
  '1 >= bool 2',
  'a < 1 and a > 0.5 or b unless c',
  'a </ 0.5 and b >/ 2',
  'a + on (x, y) b',
  'a * ignoring (x) group_left (z, "q r") b',
  'a / on () group_right b',
  'a + fill (0) b',
  'a - on (x) fill_left (-1) fill_right (1e30) b',
  'a - on (x) b == 1',
  'time() - start() + end() * step() / range()',
  'histogram_quantile(0.99, sum by (le) (rate(req_bucket{code=~"2.."}[5m])))',
  'label_replace(up, "a", "$1", "b", "(.*)")',
  'label_join(up, "a", ",", "b", "c", "d")',
  'round(up, 0.1) + round(up)',
  'info(up, {version=~".+", a=""})',
  'absent(up{job="x"}) or vector(0) unless up',
  'predict_linear(free[4h], 4 * 3600) < 0',
  'min_of(1, 2) + max_of(scalar(up), pi())',
  'sort_by_label(up, "a", "b")',
  'double_exponential_smoothing(up[5m], 0.5, 0.5)',
  'histogram_quantiles(up, "q", 0.5, 0.9)',
  'sum(\n  # why\n  rate(up[5m])\n)',
];

const WORDS = [
  ...'( ) { } [ ] , = == =~ !~ != < > </ >/ + - * / % ^ @ : ! ~ & $ # ; \\ " \' `'.split(' '),
  ...'offset by without on ignoring group_left group_right bool fill fill(1) fill_left(2) and or unless atan2'.split(
    ' ',
  ),
  ...'sum topk limitk step step() range() start() end min_of max_of(1m,2m) anchored smoothed rate rate( info('.split(
    ' ',
  ),
  ...'5m 1h30m 5 0 -5m 1.5 0x 1e 08 5hs 1.5h Inf nan "s" `r` "\\q" "\\xff" "é" é foo x:y {a="b"} a{ [5m] [5m:] (a) sum(x) "" {"u"}'.split(
    ' ',
  ),
  '\n',
  '\t',
  ' ',
];

const TOKEN = /"(?:[^"\\]|\\.)*"|'(?:[^'\\]|\\.)*'|`[^`]*`|[a-zA-Z_:][a-zA-Z0-9_:]*|\d[\w.]*|\s+|./gs;

/** The text with a few words taken out, put in, doubled or swapped: mostly nonsense, and near enough to the language to try its edges. */
export function mutate(text: string, below: (limit: number) => number): string {
  const tokens = text.match(TOKEN) ?? [''];
  for (let changes = 1 + below(3); changes > 0; changes--) {
    const at = below(tokens.length);
    const word = below(4) === 0 ? (tokens[below(tokens.length)] ?? '') : WORDS[below(WORDS.length)];
    const kind = below(4);
    if (kind === 0) tokens.splice(at, 1);
    else if (kind === 1) tokens.splice(at, 0, word);
    else if (kind === 2) tokens[at] = word;
    else tokens.splice(below(3) === 0 ? at : tokens.length);
  }
  return tokens.join(below(4) === 0 ? ' ' : '');
}
