import { createIngest } from '../../src/ingest/index.ts';
import { testApi } from '../../src/api/testing.ts';

/** Nothing is written: the routes are listed, not called. */
const unused = (): never => {
  throw new Error('BUG: a route was called');
};
const NOWHERE = { write: unused, backfill: unused, writeMetadata: unused };

interface Operation {
  readonly summary?: string;
  readonly parameters?: readonly { readonly name: string; readonly in: string; readonly description?: string }[];
}

/** The text of `docs/routes.md`, from the routes that the API registers. @throws {Error} that names a route without a summary. */
export async function routesPage(): Promise<string> {
  const app = await testApi({ ingest: createIngest(NOWHERE) });
  await app.ready();
  const { paths = {} } = app.swagger() as { paths?: Readonly<Record<string, Readonly<Record<string, Operation>>>> };
  const rows = app.declaredRoutes.flatMap(({ method, url, permission }) => {
    const path = url.replaceAll(/:(\w+)/g, '{$1}');
    const operation = paths[path]?.[method.toLowerCase()];
    // Pages of the console and what browsers send before a request are no part of the API.
    if (operation === undefined) return [];
    if (operation.summary === undefined) throw new Error(`the route ${method} ${url} has no summary`);
    const parameters = (operation.parameters ?? []).filter((parameter) => parameter.in === 'query');
    const known = parameters.map(
      ({ name, description = '' }) => `\`${name}\`${description === '' ? '' : ` (${description})`}`,
    );
    return [{ path, method, permission, text: operation.summary, parameters: known.join('; ') }];
  });
  await app.close();
  rows.sort((a, b) => (a.path === b.path ? a.method.localeCompare(b.method) : a.path < b.path ? -1 : 1));
  return [
    '# Routes',
    '',
    '<!-- Written by `npm run docs` from the routes that the API registers. Change them, not this page. -->',
    '',
    'What `up`, `alerts` and `server` answer; [api.md](api.md) says how. `/api/v1/openapi.json` has the same of the running process.',
    'Routes that are `open` need no credentials; the permissions of the others are explained in [api.md](api.md#tokens).',
    '',
    '| path | method | permission | what it does | parameters |',
    '| --- | --- | --- | --- | --- |',
    ...rows.map(
      (row) => `| \`${row.path}\` | ${row.method} | ${row.permission} | ${cell(row.text)} | ${cell(row.parameters)} |`,
    ),
    '',
  ].join('\n');
}

function cell(text: string): string {
  return text.replaceAll('|', '\\|').replaceAll('\n', ' ');
}
