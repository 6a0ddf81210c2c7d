import type { FastifyInstance } from 'fastify';
import type { Labels } from '../../model/labels.ts';
import { droppedByPool, targetsJson } from '../../lib/targets-json.ts';
import { compileMatch } from '../../lib/text/match.ts';
import { success } from '../answers/answer.ts';
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
      const { targets, droppedTargets } = context.groupOf(request, 'targets');
      return success(reply, targetsJson(targets(), droppedTargets(), paramsOf(request)));
    },
  );

  app.get(
    '/api/v1/scrape_pools',
    { config: { permission: 'system' }, schema: documented('Names of the scrape_configs') },
    (request, reply) => {
      const targets = context.groupOf(request, 'targets').targets();
      return success(reply, {
        scrapePools: Object.keys(droppedByPool(targets, context.groupOf(request, 'targets').droppedTargets())),
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
