import type { FastifyInstance } from 'fastify';

/** Forms become parameters; all else stays bytes. */
export function readBodies(app: FastifyInstance): void {
  app.removeAllContentTypeParsers();
  app.addContentTypeParser('application/x-www-form-urlencoded', { parseAs: 'buffer' }, (request, body, done) => {
    // What is taken in is bytes, whatever the sender calls them: curl says `form` unless told otherwise.
    const form = request.routeOptions.config.rawBody === true ? body : new URLSearchParams(String(body));
    done(null, form);
  });
  app.addContentTypeParser('*', { parseAs: 'buffer' }, (_, body, done) => done(null, body));
}

declare module 'fastify' {
  interface FastifyContextConfig {
    /** The handler takes the body as bytes, a form's too. */
    rawBody?: boolean;
  }
}
