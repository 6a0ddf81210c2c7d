import { setMaxListeners } from 'node:events';
import { join } from 'node:path';
import type { Logger } from '../../../lib/logger.ts';
import { sleep } from '../../../lib/time/sleep.ts';
import type { LogDestination } from '../../follower.ts';
import type { LogBatch, LogSource, ShipLogs, ShipOutcome } from '../../../model/log.ts';
import { Body, type Ticket } from './body.ts';
import { Bulk } from './bulk.ts';
import { SearchClient } from './client.ts';
import type { ElasticsearchConfig } from './config.ts';
import { DeadLetters } from './dead-letters.ts';
import { Encoder } from './encode.ts';
import { Generations } from './generations.ts';

export type ElasticsearchSink = LogDestination & { stop(): Promise<void> };

/** Beyond `max_body` for the last record of a body; a larger one begins the next. */
const SLACK = 256 * 1024;
/** With nothing under way so much is sent without waiting for more. */
const WORTH_SENDING = 256 * 1024;
const SMALLEST_BODY = 64 * 1024;
/** After this many requests that were taken, bodies have their full size again. */
const GROWTH = 32;
const STOP_TIMEOUT = 5_000;

/**
 * Ships records to Elasticsearch or OpenSearch. Records of many files share a body; at most `concurrency` bodies exist, each free,
 * being filled, or under way, and `ship` waits for one: that is all the memory and all the back-pressure there is.
 *
 * @param dataDir where dead letters are kept unless the configuration names a place.
 */
export function createElasticsearchSink(
  config: ElasticsearchConfig,
  logger: Logger,
  dataDir: string,
): ElasticsearchSink {
  const client = new SearchClient(config);
  const letterFile = config.dead_letter_file ?? join(dataDir, 'logs', 'dead-letters.ndjson');
  const deadLetters = new DeadLetters(letterFile, config.dead_letter_max_size, logger);
  const bulk = new Bulk({
    config,
    client,
    generations: new Generations(client),
    deadLetters,
    onTooLarge,
    onTaken,
    logger,
  });
  const encoder = new Encoder(config.max_body, streamNames(config));
  const abort = new AbortController();
  // Each body under way listens.
  setMaxListeners(0, abort.signal);
  const free: Body[] = [];
  const underWay = new Set<Promise<void>>();
  let bodies = 0;
  let filling: Body | undefined;
  let timer: NodeJS.Timeout | undefined;
  let wanted: (() => void) | undefined;
  let turn: Promise<void> = Promise.resolve();

  function onTooLarge(bytes: number): void {
    encoder.maxBody = Math.min(encoder.maxBody, Math.max(SMALLEST_BODY, bytes >> 1));
  }

  /** What was too large once need not be for ever: another server, another setting. */
  function onTaken(): void {
    encoder.maxBody = Math.min(config.max_body, encoder.maxBody + config.max_body / GROWTH);
  }

  const ship: ShipLogs = async (batch, signal) => {
    const { ticket, promise } = createTicket(batch.count);
    const onAbort = () => {
      ticket.fail(signal?.reason as Error);
      wanted?.();
    };
    signal?.addEventListener('abort', onAbort, { once: true });
    try {
      // One batch after the other is encoded, so that a source's records stay in order.
      const filled = turn.then(() => fill(batch, ticket));
      turn = filled.catch(() => undefined);
      await filled;
      return await promise;
    } finally {
      signal?.removeEventListener('abort', onAbort);
    }
  };

  /** Adds records to bodies until all are in, or the caller has given up. */
  async function fill(batch: LogBatch, ticket: Ticket): Promise<void> {
    for (let next = 0; next < batch.count && !ticket.settled;) {
      filling ??= await takeBody(ticket);
      if (filling === undefined) return;
      next = encoder.append(batch, next, filling, ticket);
      if (next < batch.count || filling.length >= encoder.maxBody) send();
    }
    if (filling === undefined) return;
    if (underWay.size === 0 && filling.length >= WORTH_SENDING) send();
    else timer ??= setTimeout(send, config.linger);
  }

  async function takeBody(ticket: Ticket): Promise<Body | undefined> {
    for (;;) {
      if (abort.signal.aborted) ticket.fail(abort.signal.reason as Error);
      if (ticket.settled) return undefined;
      const body = free.pop();
      if (body !== undefined) return body;
      if (bodies < config.concurrency) {
        bodies++;
        return new Body(config.max_body + SLACK);
      }
      await new Promise<void>((resolve) => (wanted = resolve));
    }
  }

  function send(): void {
    clearTimeout(timer);
    timer = undefined;
    const body = filling;
    filling = undefined;
    if (body === undefined) return;
    const work = bulk
      .deliver(body, abort.signal)
      .catch((error: unknown) => body.failLeft(error as Error))
      .finally(() => {
        underWay.delete(work);
        body.clear();
        free.push(body);
        wanted?.();
        if (underWay.size === 0 && filling !== undefined && filling.length >= WORTH_SENDING) send();
      });
    underWay.add(work);
  }

  return {
    // Without credentials, and the same when a node is added behind the first.
    name: `${new URL(config.elasticsearch[0]).host} ${config.data_stream} ${config.dataset}`,
    ship,
    perFile: 4,
    async stop() {
      send();
      const done = new AbortController();
      void Promise.allSettled(underWay).then(() => done.abort());
      await sleep(STOP_TIMEOUT, done.signal);
      abort.abort(new Error('stopped'));
      wanted?.();
      await Promise.allSettled(underWay);
      await deadLetters.close();
      client.close();
    },
  };
}

function createTicket(count: number): { ticket: Ticket; promise: Promise<ShipOutcome> } {
  let resolve: (outcome: ShipOutcome) => void = () => undefined;
  let reject: (error: Error) => void = () => undefined;
  const promise = new Promise<ShipOutcome>((...settle) => ([resolve, reject] = settle));
  // It may be rejected before anybody waits for it.
  promise.catch(() => undefined);
  const ticket: Ticket = {
    left: count,
    stored: 0,
    duplicates: 0,
    refused: {},
    settled: false,
    done() {
      ticket.settled = true;
      const { stored, duplicates, refused } = ticket;
      resolve({ stored, duplicates, refused });
    },
    fail(error) {
      ticket.settled = true;
      reject(error);
    },
  };
  return { ticket, promise };
}

/** Which data stream the records of a source go to; names take the letters that an index name may have. */
function streamNames(config: ElasticsearchConfig): (source: LogSource) => string {
  const given: Readonly<Record<string, string>> = { dataset: config.dataset, namespace: config.namespace };
  return ({ fields }) =>
    config.data_stream
      .replace(/\{([^{}]+)\}/g, (_, name: string) => cleanName(given[name] ?? fields[name] ?? config.dataset))
      .toLowerCase();
}

function cleanName(value: string): string {
  return value.replace(/[^A-Za-z0-9_.]/g, '_').slice(0, 100);
}
