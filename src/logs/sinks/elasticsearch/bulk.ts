import { Backoff } from '../../../lib/time/backoff.ts';
import { HttpError } from '../../../lib/http/client.ts';
import { type Logger, LogOnce } from '../../../lib/logger.ts';
import { Outage } from '../../../lib/outage.ts';
import { sleep } from '../../../lib/time/sleep.ts';
import { bulkBytes, bulkItemsRetried, bulkRequests } from '../../metrics.ts';
import { type Answer, type ItemAnswer, readAnswer } from './answer.ts';
import type { Body } from './body.ts';
import { type SearchClient, wasNotSent } from './client.ts';
import type { ElasticsearchConfig } from './config.ts';
import type { DeadLetter, DeadLetters } from './dead-letters.ts';
import type { Generations, Sent, Snapshot } from './generations.ts';

export interface BulkOptions {
  readonly config: ElasticsearchConfig;
  readonly client: SearchClient;
  readonly generations: Generations;
  readonly deadLetters: DeadLetters;
  /** Called with the length of a request that was too long for the server. */
  readonly onTooLarge: (bytes: number) => void;
  /** Called when a request was carried out. */
  readonly onTaken: () => void;
  readonly logger: Logger;
}

/** Places of items in a body. */
type Items = Uint32Array;

const NO_ITEMS: Items = new Uint32Array(0);

/**
 * Sends bodies until each of their items has its outcome:
 *
 *     201 stored · 409 duplicate · fault of the document: refused for good (dead letter) · all else sent again
 *     whole request: 413 in halves · 429 and other refusals sent again · time-out, cut connection, 5xx: it may have been carried
 *     out, so what the stream has of it by now is left out, and the rest is sent again
 */
export class Bulk {
  readonly #options: BulkOptions;
  readonly #once = new LogOnce();
  readonly #outage = new Outage();
  #items = NO_ITEMS;

  constructor(options: BulkOptions) {
    this.#options = options;
  }

  /** Resolves when every item was settled. @throws when the signal aborts; the items left may or may not be stored. */
  async deliver(body: Body, signal: AbortSignal): Promise<void> {
    const { config, generations } = this.#options;
    const before = await generations.snapshot(new Set(body.spans.map(({ stream }) => stream)), signal);
    const backoff = new Backoff({ min: config.retry_min, max: config.retry_max });
    const groups: Items[] = [this.#allItems(body.count)];
    for (let group = groups.pop(); group !== undefined; group = groups.pop()) {
      signal.throwIfAborted();
      const bytes = body.select(group);
      const answer = await this.#send(bytes, group.length, signal);
      if (answer.kind === 'split' && group.length > 1) {
        if (answer.tooLarge) this.#options.onTooLarge(bytes.length);
        groups.push(...halves(group));
        continue;
      }
      const left = await this.#settle(body, group, answer, before, signal);
      if (left.length === 0) continue;
      if (left.length < group.length) backoff.reset();
      groups.push(left);
      await sleep(backoff.next(), signal);
    }
  }

  #allItems(count: number): Items {
    if (this.#items.length < count) this.#items = Uint32Array.from({ length: 2 * count }, (_, i) => i);
    return this.#items.subarray(0, count);
  }

  /** Returns the items to send again. */
  async #settle(body: Body, group: Items, answer: Answer, before: Snapshot, signal: AbortSignal): Promise<Items> {
    switch (answer.kind) {
      case 'all stored':
        this.#settleAll(body, group);
        return NO_ITEMS;
      case 'items':
        return this.#settleItems(body, group, answer.items);
      case 'split':
        await this.#writeDeadLetter(body, [[group[0], { status: 413, reason: 'too_large', text: answer.reason }]]);
        return NO_ITEMS;
      case 'refused':
        this.#say(answer.reason);
        return group;
      case 'uncertain':
        this.#say(answer.reason);
        return this.#leaveOutStored(body, group, before, signal);
    }
  }

  async #send(bytes: Buffer, count: number, signal: AbortSignal): Promise<Answer> {
    bulkBytes.inc(bytes.length);
    let answer: Answer;
    try {
      answer = readAnswer(await this.#options.client.bulk(bytes, signal), count);
    } catch (error) {
      signal.throwIfAborted();
      const reason = error instanceof HttpError ? error.message : String(error);
      answer = { kind: wasNotSent(error) ? 'refused' : 'uncertain', reason };
    }
    bulkRequests.inc({ outcome: answer.kind.replace(' ', '_') });
    if (isTaken(answer)) {
      this.#options.onTaken();
      if (this.#outage.end()) this.#options.logger.info('Elasticsearch takes logs again');
    }
    return answer;
  }

  #settleAll(body: Body, group: Items): void {
    if (group.length === body.count) body.settleAll();
    else for (const item of group) body.settle(item, 'stored');
  }

  async #settleItems(body: Body, group: Items, answers: readonly ItemAnswer[]): Promise<Items> {
    const again: number[] = [];
    const letters: [number, Omit<DeadLetter, 'item'>][] = [];
    answers.forEach((answer, i) => {
      if (answer.kind === 'stored' || answer.kind === 'duplicate') return body.settle(group[i], answer.kind);
      const { kind, status, reason, text } = answer;
      if (kind === 'refused') return letters.push([group[i], { status, reason, text }]);
      again.push(group[i]);
      bulkItemsRetried.inc({ status });
      this.#say(`item ${status} ${reason}`);
    });
    await this.#writeDeadLetter(body, letters);
    return Uint32Array.from(again);
  }

  async #writeDeadLetter(body: Body, letters: readonly (readonly [number, Omit<DeadLetter, 'item'>])[]): Promise<void> {
    if (letters.length === 0) return;
    const { deadLetters, logger } = this.#options;
    await deadLetters.add(letters.map(([item, why]) => ({ ...why, item: body.item(item) })));
    for (const [item, { status, reason, text }] of letters) {
      if (this.#once.fresh(`refused ${reason}`, reason))
        logger.warn({ status, reason, text }, 'log records are refused for good and kept as dead letters');
      body.settle(item, { refused: reason });
    }
  }

  /**
   * Leaves out the items that a request without an answer did store, which must not be stored again. Asks until it is answered.
   */
  async #leaveOutStored(body: Body, group: Items, before: Snapshot, signal: AbortSignal): Promise<Items> {
    const { generations, config, logger } = this.#options;
    const backoff = new Backoff({ min: config.retry_min, max: config.retry_max });
    const stored = new Set<number>();
    for (const [stream, sent] of byStream(body, group)) {
      for (;;) {
        try {
          // The first request may still be on its way to an older generation: it has its own time limit for that.
          if (await generations.hasMoved(stream, before, signal)) await sleep(config.request_timeout, signal);
          const found = await generations.findStored(stream, sent, before, signal);
          if (found === undefined && this.#once.fresh(`ask ${stream}`, 'denied'))
            logger.warn({ stream }, 'no permission to read: a record sent twice over a rollover would be stored twice');
          for (const item of found ?? []) stored.add(item);
          break;
        } catch (error) {
          signal.throwIfAborted();
          this.#say(error instanceof Error ? error.message : String(error));
          await sleep(backoff.next(), signal);
        }
      }
    }
    for (const item of stored) body.settle(item, 'stored');
    return group.filter((item) => !stored.has(item));
  }

  #say(reason: string): void {
    if (this.#outage.isNew(reason))
      this.#options.logger.warn({ reason }, 'Elasticsearch did not take logs, sending them again');
  }
}

/** Whether the server stores records, of which it may refuse some. */
function isTaken(answer: Answer): boolean {
  return answer.kind === 'all stored' || (answer.kind === 'items' && answer.items.some(({ kind }) => kind !== 'retry'));
}

function halves(group: Items): [Items, Items] {
  const middle = group.length >> 1;
  // The last of a list of groups is the next to go.
  return [group.subarray(middle), group.subarray(0, middle)];
}

function byStream(body: Body, group: Items): Map<string, Sent[]> {
  const streams = new Map<string, Sent[]>();
  for (const item of group) {
    const line = body.item(item);
    const action = JSON.parse(line.toString('utf8', 0, line.indexOf(10))) as {
      create: { _index: string; _id: string };
    };
    const { _index: stream, _id: id } = action.create;
    const sent = streams.get(stream);
    if (sent === undefined) streams.set(stream, [{ item, stream, id }]);
    else sent.push({ item, stream, id });
  }
  return streams;
}
