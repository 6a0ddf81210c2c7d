import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify';
import { RotatingFile } from '../../lib/durable/rotating-file.ts';
import type { ApiContext } from '../context.ts';
import { paramsOf } from '../requests/params.ts';
import type { AuditEntry, AuditLog } from '../types.ts';
import { NOBODY } from './principal.ts';

/** Bytes of the file before it becomes `PATH.1`; both together are the bound. */
const MAX_BYTES = 8 * 1024 * 1024;

/** Values shown of a parameter, and characters of each. */
const VALUES = 20;
const CHARACTERS = 500;

/** JSON lines, readable by the owner alone. The file is made by the first entry. */
export function createAuditLog(path: string): AuditLog {
  let file: RotatingFile | undefined;
  return {
    write(entry) {
      file ??= new RotatingFile(path, MAX_BYTES);
      file.write(`${JSON.stringify(entry)}\n`);
    },
  };
}

/**
 * Records every write of a known caller when it is answered. Callers without valid credentials are counted by
 * `crowsnest_http_requests_total` only: they must not be able to push the entries of others out of the file.
 */
export function auditWrites(app: FastifyInstance, { options: { audit, logger }, now }: ApiContext): void {
  if (audit === undefined) return;
  app.addHook('onResponse', async (request, reply) => {
    const shown = request.routeOptions.config.audit;
    if (shown === undefined || request.principal === undefined || request.principal === NOBODY) return;
    try {
      audit.write(entryOf(request, reply, shown, now()));
    } catch (error) {
      logger?.error({ err: error }, 'the audit log cannot be written');
    }
  });
}

function entryOf(request: FastifyRequest, reply: FastifyReply, shown: readonly string[], at: number): AuditEntry {
  const { principal, ip, id } = request;
  const params = paramsOf(request);
  const given = shown.filter((name) => params.has(name));
  return {
    time: new Date(at).toISOString(),
    principal: principal.name,
    via: principal.via,
    from: ip,
    action: `${request.method} ${request.routeOptions.url ?? ''}`,
    parameters: Object.fromEntries(given.map((name) => [name, params.getAll(name).slice(0, VALUES).map(shortened)])),
    status: reply.statusCode,
    outcome: outcomeOf(reply.statusCode),
    requestId: id,
  };
}

function shortened(text: string): string {
  return text.length > CHARACTERS ? `${text.slice(0, CHARACTERS)}…` : text;
}

function outcomeOf(status: number): AuditEntry['outcome'] {
  if (status < 400) return 'done';
  return status === 403 || status === 429 ? 'refused' : 'failed';
}
