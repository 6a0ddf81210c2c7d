/** What the names of series are made of. */
export interface OtlpName {
  readonly name: string;
  readonly unit: string;
  readonly kind: 'gauge' | 'counter' | 'other';
}

/** Units as UCUM writes them, and the words that Prometheus' names have for them. */
const UNITS: Readonly<Record<string, string>> = {
  d: 'days',
  h: 'hours',
  min: 'minutes',
  s: 'seconds',
  ms: 'milliseconds',
  us: 'microseconds',
  ns: 'nanoseconds',
  By: 'bytes',
  KiBy: 'kibibytes',
  MiBy: 'mebibytes',
  GiBy: 'gibibytes',
  TiBy: 'tibibytes',
  KBy: 'kilobytes',
  MBy: 'megabytes',
  GBy: 'gigabytes',
  TBy: 'terabytes',
  m: 'meters',
  V: 'volts',
  A: 'amperes',
  J: 'joules',
  W: 'watts',
  g: 'grams',
  Cel: 'celsius',
  Hz: 'hertz',
  '1': '',
  '%': 'percent',
};

const PER_UNITS: Readonly<Record<string, string>> = {
  s: 'second',
  m: 'minute',
  h: 'hour',
  d: 'day',
  w: 'week',
  mo: 'month',
  y: 'year',
};

/**
 * `http.server.duration` in `s` is `http_server_duration_seconds`. '' where nothing is left of the name.
 * Source: OpenTelemetry specification, "Prometheus and OpenMetrics compatibility"; what it leaves open is as in Prometheus 3.
 */
export function metricName({ name, unit, kind }: OtlpName): string {
  let words = name.split(/[^a-zA-Z0-9:]+/u);
  const suffixes = unitWords(unit);
  const per = words.includes(suffixes.per) ? '' : suffixes.per;
  const main = words.includes(suffixes.main) ? '' : suffixes.main;
  words.push(per === '' ? main : main.replace(/_$/, ''), per);
  words = words.filter((word) => word !== '');
  if (kind === 'counter') words = atTheEnd(words, 'total');
  if (kind === 'gauge' && unit === '1') words = atTheEnd(words, 'ratio');
  const joined = words.join('_');
  if (/^_*$/.test(joined)) return '';
  return /^\d/.test(joined) ? `_${joined}` : joined;
}

/** The unit as metadata tells it: `m/s` is `meters_per_second`. */
export function unitName(unit: string): string {
  const { main, per } = unitWords(unit);
  return [main, per]
    .filter((word) => word !== '')
    .join('_')
    .replace(/^_|_$/g, '');
}

function unitWords(unit: string): { main: string; per: string } {
  const slash = unit.indexOf('/');
  const main = wordOf(slash < 0 ? unit : unit.slice(0, slash), UNITS);
  const per = slash < 0 ? '' : wordOf(unit.slice(slash + 1), PER_UNITS);
  return {
    main: main.replace(/^_/, ''),
    per: per === '' || per === '_' ? '' : `per_${per}`.replace(/_+/g, '_').replace(/_$/, ''),
  };
}

/** Braces hold annotations, `{request}`, which no name has. */
function wordOf(unit: string, words: Readonly<Record<string, string>>): string {
  const text = unit.trim();
  if (/[{}]/.test(text)) return '';
  const word = Object.hasOwn(words, text) ? words[text] : text;
  return word.replace(/[^a-zA-Z0-9:]/gu, '_').replace(/_+/g, '_');
}

function atTheEnd(words: readonly string[], last: string): string[] {
  return [...words.filter((word) => word !== last), last];
}

/** Senders have few names, and send them with every point. */
const labelNames = new Map<string, string | undefined>();
const LABEL_NAMES_KEPT = 10_000;

/** `k8s.pod.name` is `k8s_pod_name`; undefined where nothing but `_` would be left. */
export function labelName(attribute: string): string | undefined {
  if (labelNames.has(attribute)) return labelNames.get(attribute);
  if (labelNames.size >= LABEL_NAMES_KEPT) labelNames.clear();
  const name = makeLabelName(attribute);
  labelNames.set(attribute, name);
  return name;
}

function makeLabelName(attribute: string): string | undefined {
  const name = attribute.replace(/[^a-zA-Z0-9_]/gu, '_');
  if (/^_*$/.test(name)) return undefined;
  if (/^\d/.test(name)) return `key_${name}`;
  return /^_[^_]/.test(name) ? `key${name}` : name;
}
