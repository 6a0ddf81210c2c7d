import { existsSync } from 'node:fs';
import { join } from 'node:path';
import fastifyStatic from '@fastify/static';
import type { FastifyInstance } from 'fastify';
import type { ApiOptions } from './types.ts';

/** Paths that the console draws itself; all get its one page. */
const PLACES = ['/', '/explore', '/logs', '/alerts', '/alerts/*', '/sources', '/playbooks/*'];

/** The built console, or one line that says that it is not built. */
export async function consolePages(app: FastifyInstance, { consoleFolder }: ApiOptions): Promise<void> {
  if (consoleFolder === undefined || !existsSync(join(consoleFolder, 'index.html'))) {
    app.get('/', { schema: { hide: true } }, (_, reply) =>
      reply.type('text/plain; charset=utf-8').send('crowsnest\nThe console is not built: npm run build\n'),
    );
    return;
  }
  await app.register(fastifyStatic, {
    root: join(consoleFolder, 'assets'),
    prefix: '/assets/',
    schemaHide: true,
    // Their names hold a hash of their content.
    immutable: true,
    maxAge: '365d',
  });
  for (const url of PLACES) {
    app.get(url, { schema: { hide: true }, config: { rateLimit: false } }, (_, reply) =>
      reply.header('cache-control', 'no-cache').sendFile('index.html', consoleFolder, { cacheControl: false }),
    );
  }
  prometheusPages(app);
  app.get('/icon.svg', { schema: { hide: true } }, (_, reply) => reply.sendFile('icon.svg', consoleFolder));
}

/** Links that Prometheus, alerts' `generatorURL` and `graphLink` in templates make into Prometheus' own pages. */
function prometheusPages(app: FastifyInstance): void {
  for (const url of ['/graph', '/query']) {
    app.get<{ Querystring: Record<string, string | undefined> }>(url, { schema: { hide: true } }, (request, reply) => {
      const { 'g0.expr': q, 'g0.range_input': range } = request.query;
      const asked = new URLSearchParams(Object.entries({ q, range }).flatMap(([k, v]) => (v ? [[k, v]] : [])));
      return reply.redirect(asked.size === 0 ? '/explore' : `/explore?${asked}`);
    });
  }
  app.get('/rules', { schema: { hide: true } }, (_, reply) => reply.redirect('/alerts'));
  app.get('/targets', { schema: { hide: true } }, (_, reply) => reply.redirect('/sources'));
}
