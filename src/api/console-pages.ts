import { existsSync } from 'node:fs';
import { join } from 'node:path';
import fastifyStatic from '@fastify/static';
import type { FastifyInstance } from 'fastify';

/** Paths that the console draws itself; all get its one page. */
const PLACES = ['/', '/explore', '/logs', '/alerts', '/alerts/*', '/sources', '/playbooks/*'];

/** Files of the build whose name holds a hash of their content: `index-BxT2kQ9a.js`. */
const HASHED = /-[\w-]{8}\.\w+$/;

/** Open to everybody: the console's files hold no data, and its sign-in must be seen before anybody is signed in. */
const open = { config: { permission: 'open' }, schema: { hide: true } } as const;

/** The folder where the console is built; undefined where it is not. */
export function builtConsole(folder: string | undefined): string | undefined {
  return folder !== undefined && existsSync(join(folder, 'index.html')) ? folder : undefined;
}

/** The built console, or one line that says that it is not built. */
export async function consolePages(app: FastifyInstance, folder: string | undefined): Promise<void> {
  if (folder === undefined) {
    app.get('/', open, (_, reply) =>
      reply.type('text/plain; charset=utf-8').send('crowsnest\nThe console is not built: npm run build\n'),
    );
    return;
  }
  await app.register(fastifyStatic, { root: folder, serve: false });
  app.get<{ Params: { '*': string } }>('/assets/*', open, (request, reply) => {
    const name = request.params['*'];
    reply.header('cache-control', HASHED.test(name) ? 'public, max-age=31536000, immutable' : 'no-cache');
    return reply.sendFile(`assets/${name}`, { cacheControl: false });
  });
  for (const url of PLACES) {
    app.get(url, { ...open, config: { ...open.config, rateLimit: false } }, (_, reply) =>
      reply.header('cache-control', 'no-cache').sendFile('index.html', { cacheControl: false }),
    );
  }
  prometheusPages(app);
  app.get('/icon.svg', open, (_, reply) =>
    reply.header('cache-control', 'public, max-age=86400').sendFile('icon.svg', { cacheControl: false }),
  );
}

/** Links that Prometheus, alerts' `generatorURL` and `graphLink` in templates make into Prometheus' own pages. */
function prometheusPages(app: FastifyInstance): void {
  for (const url of ['/graph', '/query']) {
    app.get<{ Querystring: Record<string, string | undefined> }>(url, open, (request, reply) => {
      const { 'g0.expr': q, 'g0.range_input': range } = request.query;
      const asked = new URLSearchParams(Object.entries({ q, range }).flatMap(([k, v]) => (v ? [[k, v]] : [])));
      return reply.redirect(asked.size === 0 ? '/explore' : `/explore?${asked}`);
    });
  }
  app.get('/rules', open, (_, reply) => reply.redirect('/alerts'));
  app.get('/targets', open, (_, reply) => reply.redirect('/sources'));
}
