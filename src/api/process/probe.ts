import type { FastifyInstance } from 'fastify';
import { probeRequest } from '../../model/probe.ts';
import type { ApiContext } from '../context.ts';
import { documented } from '../openapi.ts';

/** `/probe`: blackbox_exporter's page of one target. It makes requests to others, so it is not for everybody who may look. */
export function probeRoute(app: FastifyInstance, context: ApiContext): void {
  app.get(
    '/probe',
    {
      config: { permission: 'system', rateLimit: false },
      schema: documented('Probe `target` by a `module` of `collect.probe_modules`; a page in the text format'),
    },
    async (request, reply) => {
      const { searchParams } = new URL(request.url, 'http://probe');
      const answer = context.groupOf(request, 'probe');
      const { status, text } = await answer(probeRequest(searchParams, request.headers));
      return reply.code(status).type('text/plain; version=0.0.4; charset=utf-8').send(text);
    },
  );
}
