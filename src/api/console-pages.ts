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
  app.get('/icon.svg', { schema: { hide: true } }, (_, reply) => reply.sendFile('icon.svg', consoleFolder));
}
