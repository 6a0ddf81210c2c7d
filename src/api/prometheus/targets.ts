import type { FastifyInstance } from 'fastify';
import type { Labels } from '../../model/labels.ts';
import type { TargetStatus } from '../../model/target.ts';
import { compileMatch } from '../../lib/match.ts';
import { formatDuration } from '../../lib/duration.ts';
import { success } from '../answers/answer.ts';
import { formatTime } from '../answers/format.ts';
import { documented } from '../openapi.ts';
import { paramsOf, parsed } from '../requests/params.ts';
import type { QueryLanguage } from '../types.ts';
import type { ApiContext } from '../context.ts';
import { metadataLimit } from './series.ts';

/** `targets`, `targets/metadata` and `scrape_pools`. */
export function targetRoutes(app: FastifyInstance, context: ApiContext): void {
  const parameters = { state: '`active`, `dropped` or `any`', scrapePool: 'Of this scrape_config only' };
  app.get(
    '/api/v1/targets',
    { config: { permission: 'system' }, schema: documented('What is scraped, and how it goes', parameters) },
    (request, reply) => {
      const params = paramsOf(request);
      const state = (params.get('state') ?? '').toLowerCase();
      const pool = params.get('scrapePool') ?? '';
      const inPool = (target: { readonly scrapePool: string }) => pool === '' || target.scrapePool === pool;
      const all = context.groupOf(request, 'targets').targets();
      const active = all.filter(inPool);
      const dropped = context.groupOf(request, 'targets').droppedTargets().filter(inPool);
      const showActive = ['', 'any', 'active'].includes(state);
      const showDropped = ['', 'any', 'dropped'].includes(state);
      return success(reply, {
        activeTargets: showActive ? active.map(targetJson) : [],
        droppedTargets: showDropped
          ? dropped.map(({ scrapePool, discoveredLabels, reason }) => ({ discoveredLabels, scrapePool, reason }))
          : [],
        droppedTargetCounts: showDropped ? counts(active, dropped) : null,
      });
    },
  );

  app.get(
    '/api/v1/scrape_pools',
    { config: { permission: 'system' }, schema: documented('Names of the scrape_configs') },
    (request, reply) => {
      const targets = context.groupOf(request, 'targets').targets();
      return success(reply, {
        scrapePools: Object.keys(counts(targets, context.groupOf(request, 'targets').droppedTargets())),
      });
    },
  );

  const metadataParameters = { match_target: 'Selector of targets', metric: 'One metric', limit: 'The most targets' };
  app.get(
    '/api/v1/targets/metadata',
    {
      config: { permission: 'system' },
      schema: documented('Type, unit and help of metrics by target', metadataParameters),
    },
    (request, reply) => {
      const params = paramsOf(request);
      const limit = metadataLimit(params, 'limit');
      const metric = params.get('metric') ?? '';
      const matches = targetFilter(params.get('match_target') ?? '', () => context.groupOf(request, 'language'));
      const scraping = context.groupOf(request, 'targets');
      const found: unknown[] = [];
      for (const target of context
        .groupOf(request, 'targets')
        .targets()
        .filter(({ labels }) => matches(labels))) {
        if (limit >= 0 && found.length >= limit) break;
        const all = scraping.targetMetadata(target);
        const entries = metric === '' ? all : all.filter((entry) => entry.metric === metric);
        for (const { metric: name, ...entry } of entries) {
          found.push({ target: target.labels, ...(metric === '' ? { metric: name } : {}), ...entry });
        }
      }
      return success(reply, found);
    },
  );
}

function targetFilter(selector: string, language: () => QueryLanguage): (labels: Labels) => boolean {
  if (selector === '') return () => true;
  const matchers = parsed('match_target', () => language().parseSelector(selector));
  const tests = matchers.map(({ name, op, value }) => ({ name, test: compileMatch(op, value) }));
  return (labels) => tests.every(({ name, test }) => test(labels.get(name)));
}

function targetJson(target: TargetStatus) {
  return {
    discoveredLabels: target.discoveredLabels,
    labels: target.labels,
    scrapePool: target.scrapePool,
    scrapeUrl: target.scrapeUrl,
    globalUrl: target.scrapeUrl,
    lastError: target.lastError,
    lastScrape: formatTime(target.lastScrape),
    lastScrapeDuration: target.lastScrapeDuration,
    health: target.health,
    scrapeInterval: formatDuration(target.scrapeInterval),
    scrapeTimeout: formatDuration(target.scrapeTimeout),
    ...(target.leftOut === undefined ? {} : { leftOut: target.leftOut }),
  };
}

/** Dropped targets by pool; pools without any stand with 0. */
function counts(
  active: readonly { readonly scrapePool: string }[],
  dropped: readonly { readonly scrapePool: string }[],
): Record<string, number> {
  const byPool = new Map<string, number>(active.map(({ scrapePool }) => [scrapePool, 0]));
  for (const { scrapePool } of dropped) byPool.set(scrapePool, (byPool.get(scrapePool) ?? 0) + 1);
  return Object.fromEntries([...byPool].sort(([a], [b]) => (a < b ? -1 : 1)));
}
