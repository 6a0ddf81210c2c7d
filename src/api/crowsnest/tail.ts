import { PassThrough } from 'node:stream';
import type { FastifyInstance } from 'fastify';
import type { LogSearchRequest, SearchLogs } from '../../model/log.ts';
import { sleep } from '../../lib/time/sleep.ts';
import { clientSignal } from '../requests/client-signal.ts';
import { ApiError, messageOf } from '../answers/errors.ts';
import { liveTails } from '../metrics.ts';
import { documented } from '../openapi.ts';
import { paramsOf, textParam } from '../requests/params.ts';
import type { ApiContext } from '../context.ts';

const POLL = 500;
const RECORDS_A_POLL = 500;
/** Proxies cut a connection on which nothing moves. */
const HEARTBEAT = 15_000;
const FIRST_LOOK_BACK = 60_000;

/** `/api/crowsnest/v1/logs/tail`: server-sent events, each `{records, cursor, more}`, oldest record first. */
export function tailRoute(app: FastifyInstance, context: ApiContext): void {
  const closing = new AbortController();
  let open = 0;
  app.addHook('preClose', async () => closing.abort());

  app.get(
    '/api/crowsnest/v1/logs/tail',
    {
      config: { permission: 'logs' },
      schema: documented('New log records as they come, as server-sent events', { query: 'KQL subset; empty for all' }),
    },
    (request, reply) => {
      const query = textParam(paramsOf(request), 'query');
      const search = context.groupOf(request, 'logs').searchLogs;
      if (open >= context.config.live_tails)
        throw new ApiError('too_many_requests', `${open} live tails are open, and server.live_tails allows no more`);
      open += 1;
      liveTails.inc();

      const signal = AbortSignal.any([clientSignal(reply), closing.signal]);
      const stream = new PassThrough();
      const done = follow(search, query, context.now, (text) => write(stream, text, signal), signal);
      void done.finally(() => {
        open -= 1;
        liveTails.dec();
        stream.end();
      });
      return (
        reply
          .type('text/event-stream')
          .header('cache-control', 'no-store')
          // A tail lasts until one side goes; kept alive behind it, the connection would hold up the server's stop.
          .header('connection', 'close')
          .send(stream)
      );
    },
  );
}

type Write = (text: string) => Promise<void>;

/** Asks for what is new until the client goes. A reader that is slow slows the questions, so nothing piles up. */
async function follow(
  search: SearchLogs,
  query: string,
  now: () => number,
  write: Write,
  signal: AbortSignal,
): Promise<void> {
  let after: string | undefined;
  let quietSince = now();
  while (!signal.aborted) {
    const end = now() + FIRST_LOOK_BACK;
    // Behind the cursor the time of a record is of no account: a late one is new all the same.
    const start = after === undefined ? now() - FIRST_LOOK_BACK : 0;
    const order = after === undefined ? 'newest' : 'oldest';
    const request: LogSearchRequest = { query, start, end, limit: RECORDS_A_POLL, order, after };
    try {
      const answer = await search(request, signal);
      const records = order === 'newest' ? answer.records.toReversed() : answer.records;
      if (records.length > 0 || after === undefined) {
        await write(`data: ${JSON.stringify({ ...answer, records })}\n\n`);
        quietSince = now();
      }
      after = answer.cursor;
      if (answer.more && order === 'oldest') continue;
    } catch (error) {
      if (signal.aborted) return;
      await write(`event: failure\ndata: ${JSON.stringify({ error: messageOf(error) })}\n\n`);
      return;
    }
    if (now() - quietSince > HEARTBEAT) {
      await write(': still here\n\n');
      quietSince = now();
    }
    await sleep(POLL, signal);
  }
}

function write(stream: PassThrough, text: string, signal: AbortSignal): Promise<void> {
  if (stream.write(text) || signal.aborted) return Promise.resolve();
  return new Promise((resolve) => {
    const go = () => {
      stream.off('drain', go);
      signal.removeEventListener('abort', go);
      resolve();
    };
    stream.once('drain', go);
    signal.addEventListener('abort', go, { once: true });
  });
}
