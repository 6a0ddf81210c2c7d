import type { FastifyInstance } from 'fastify';
import { type Labels, compareUtf8, isLegacyLabelName, isLegacyMetricName } from '../../model/labels.ts';
import type { Select, SeriesColumns } from '../../model/query.ts';
import { isStale, wordsOf } from '../../model/sample.ts';
import { clientSignal } from '../requests/client-signal.ts';
import { inPieces, sendPieces } from '../answers/chunked-writer.ts';
import { formatValue } from '../answers/format.ts';
import { documented } from '../openapi.ts';
import { matcherSets, paramsOf } from '../requests/params.ts';
import type { ApiContext } from '../context.ts';

const LOOKBACK = 5 * 60_000;

/** Names that are not plain identifiers stand quoted where the scraper takes that, else with `_` for what is odd. */
const QUOTED = 'text/plain; version=1.0.0; charset=utf-8; escaping=allow-utf-8';
const UNDERSCORED = 'text/plain; version=0.0.4; charset=utf-8; escaping=underscores';

/** `/federate`: the newest sample of each selected series, in the text form that Prometheus scrapes. */
export function federateRoute(app: FastifyInstance, context: ApiContext): void {
  const schema = documented('Newest samples as a page to be scraped', { 'match[]': 'Selector, repeatable' });
  app.get('/federate', { config: { permission: 'query' }, schema }, async (request, reply) => {
    const select = context.groupOf(request, 'queries').select;
    const sets = matcherSets(paramsOf(request), context.groupOf(request, 'language'), {
      named: false,
      allowEmpty: true,
    });
    const end = context.now();
    const signal = clientSignal(reply);
    const found = await selectAll(select, sets, end, signal);
    const quoted = /escaping=allow-utf-8/.test(request.headers.accept ?? '');
    return sendPieces(reply, quoted ? QUOTED : UNDERSCORED, inPieces(page(found, quoted)));
  });
}

interface Newest {
  readonly labels: Labels;
  readonly timestamp: number;
  readonly value: number;
}

async function selectAll(
  select: Select,
  sets: ReturnType<typeof matcherSets>,
  end: number,
  signal: AbortSignal,
): Promise<Newest[]> {
  const byKey = new Map<string, Newest>();
  for (const matchers of sets) {
    // As in Prometheus, `{}` asks for nothing.
    if (matchers.length === 0) continue;
    const hints = { step: 0, range: 0, func: '', grouping: [], by: false };
    for (const series of await select({ matchers, start: end - LOOKBACK + 1, end, hints }, signal)) {
      const sample = newest(series);
      if (sample !== undefined) byKey.set(series.labels.key, sample);
    }
  }
  return [...byKey.values()].sort(byNameThenLabels);
}

/** Nothing for a series that has ended; histograms have no place in this form. */
function newest({ labels, timestamps, values, histograms }: SeriesColumns): Newest | undefined {
  const last = timestamps.length - 1;
  if (last < 0 || histograms?.[last] !== undefined || isStale(wordsOf(values), last)) return undefined;
  return { labels, timestamp: timestamps[last], value: values[last] };
}

function byNameThenLabels(a: Newest, b: Newest): number {
  const [left, right] = [a.labels.get('__name__'), b.labels.get('__name__')];
  return left === right ? compareUtf8(a.labels.key, b.labels.key) : compareUtf8(left, right);
}

function* page(samples: readonly Newest[], quoted: boolean): Generator<string> {
  let family: string | undefined;
  for (const { labels, timestamp, value } of samples) {
    const name = labels.get('__name__');
    if (name === '') continue;
    if (name !== family) yield `# TYPE ${nameText(name, isLegacyMetricName(name), quoted)} untyped\n`;
    family = name;
    yield `${seriesText(name, labels, quoted)} ${formatValue(value)} ${timestamp}\n`;
  }
}

function seriesText(name: string, labels: Labels, quoted: boolean): string {
  const inside = quoted && !isLegacyMetricName(name);
  const inner = inside ? [nameText(name, false, true)] : [];
  for (const [label, value] of labels.entries()) {
    if (label === '__name__') continue;
    inner.push(`${nameText(label, isLegacyLabelName(label), quoted)}="${escape(value)}"`);
  }
  // Prometheus: a series without `instance` says so, else the scraping side would put its own there.
  if (labels.get('instance') === '') inner.push('instance=""');
  return `${inside ? '' : nameText(name, isLegacyMetricName(name), false)}{${inner.join(',')}}`;
}

function nameText(name: string, plain: boolean, quoted: boolean): string {
  if (plain) return name;
  return quoted ? `"${escape(name)}"` : name.replace(/^\d/, '_$&').replace(/[^a-zA-Z0-9_:]/gu, '_');
}

function escape(text: string): string {
  return text.replaceAll('\\', '\\\\').replaceAll('"', '\\"').replaceAll('\n', '\\n');
}
