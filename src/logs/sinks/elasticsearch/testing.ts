import { once } from 'node:events';
import { type IncomingMessage, type ServerResponse, createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { gunzipSync } from 'node:zlib';
import type { LogBatch } from '../../../model/log.ts';

export interface BulkItem {
  readonly stream: string;
  readonly id: string;
  readonly document: Record<string, unknown> & { message: string };
}

export interface Scripted {
  /** Whole request: this status, instead of being carried out. */
  readonly status?: number;
  readonly body?: string;
  /** Carried out or not, no answer is given: the connection is cut, or never answered. */
  readonly silence?: 'cut' | 'cut after storing' | 'hang after storing';
  /** Items that are answered with an error instead of being stored. */
  readonly item?: (item: BulkItem, i: number) => { status: number; type: string } | undefined;
}

export interface BulkRequest {
  readonly items: readonly BulkItem[];
  readonly bytes: number;
  readonly headers: IncomingMessage['headers'];
  readonly url: string;
}

/**
 * As much of Elasticsearch's bulk API as misbehaves on cue: data streams with generations, `create` that is refused for an id of the
 * same generation only, realtime `_mget`.
 */
export class FakeElasticsearch {
  readonly requests: BulkRequest[] = [];
  readonly asked: string[] = [];
  /** Answers for the bulk requests to come, one each; then everything is stored. */
  script: Scripted[] = [];
  readonly #streams = new Map<string, Map<string, BulkItem>[]>();
  readonly #server = createServer((request, response) => void this.#answer(request, response));

  async start(): Promise<this> {
    this.#server.listen(0, '127.0.0.1');
    await once(this.#server, 'listening');
    return this;
  }

  async stop(): Promise<void> {
    this.#server.closeAllConnections();
    this.#server.close();
    await once(this.#server, 'close');
  }

  get url(): string {
    return `http://127.0.0.1:${(this.#server.address() as AddressInfo).port}`;
  }

  rollover(stream: string): void {
    this.#generations(stream).push(new Map());
  }

  /** Everything that is stored, in the order in which it came, doubles included. */
  stored(): BulkItem[] {
    return [...this.#streams.values()].flatMap((generations) => generations.flatMap((index) => [...index.values()]));
  }

  #generations(stream: string): Map<string, BulkItem>[] {
    const known = this.#streams.get(stream);
    if (known !== undefined) return known;
    const created = [new Map<string, BulkItem>()];
    this.#streams.set(stream, created);
    return created;
  }

  async #answer(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const chunks: Buffer[] = [];
    for await (const chunk of request) chunks.push(chunk as Buffer);
    const raw = Buffer.concat(chunks);
    const body = request.headers['content-encoding'] === 'gzip' ? gunzipSync(raw) : raw;
    const url = request.url ?? '';
    if (url.startsWith('/_bulk')) return this.#bulk(request, body, response);
    this.asked.push(`${request.method} ${url.split('?')[0]}`);
    if (url.startsWith('/_data_stream/')) return this.#describe(url.split(/[/?]/)[2], response);
    const index = /^\/\.ds-(.+)-(\d+)\/_mget/.exec(url);
    if (index === null) return send(response, 400, { error: { type: 'illegal_argument_exception' } });
    const documents = this.#generations(index[1])[Number(index[2]) - 1];
    const { ids } = JSON.parse(body.toString()) as { ids: string[] };
    send(response, 200, { docs: ids.map((id) => ({ found: documents.has(id) })) });
  }

  #describe(stream: string, response: ServerResponse): void {
    const generations = this.#streams.get(stream);
    if (generations === undefined) return send(response, 404, { error: { type: 'index_not_found_exception' } });
    const indices = generations.map((_, i) => ({ index_name: `.ds-${stream}-${i + 1}` }));
    send(response, 200, { data_streams: [{ indices }] });
  }

  #bulk(request: IncomingMessage, body: Buffer, response: ServerResponse): void {
    const lines = body.toString().split('\n');
    if (lines.pop() !== '') return send(response, 400, { error: { type: 'illegal_argument_exception' } });
    const items: BulkItem[] = [];
    for (let i = 0; i < lines.length; i += 2) {
      const { create } = JSON.parse(lines[i]) as { create: { _index: string; _id: string } };
      items.push({ stream: create._index, id: create._id, document: JSON.parse(lines[i + 1]) as BulkItem['document'] });
    }
    this.requests.push({ items, bytes: body.length, headers: request.headers, url: request.url ?? '' });
    const scripted = this.script.shift() ?? {};
    if (scripted.silence === 'cut') return void request.socket.destroy();
    if (scripted.status !== undefined) {
      response.writeHead(scripted.status).end(scripted.body);
      return;
    }
    const answers = items.map((item, i) => this.#create(item, scripted.item?.(item, i)));
    if (scripted.silence === 'cut after storing') return void request.socket.destroy();
    if (scripted.silence === 'hang after storing') return;
    send(response, 200, { took: 1, errors: answers.some(({ create }) => create.status > 201), items: answers });
  }

  #create(item: BulkItem, refused: { status: number; type: string } | undefined) {
    if (refused !== undefined)
      return {
        create: { status: refused.status, error: { type: refused.type, reason: `because of ${refused.type}` } },
      };
    const index = this.#generations(item.stream).at(-1);
    if (index === undefined || index.has(item.id))
      return { create: { status: 409, error: { type: 'version_conflict_engine_exception', reason: 'exists' } } };
    index.set(item.id, item);
    return { create: { status: 201 } };
  }
}

function send(response: ServerResponse, status: number, answer: unknown): void {
  response.writeHead(status, { 'content-type': 'application/json' }).end(JSON.stringify(answer));
}

let made = 0;

/** A batch of messages, with places as they would stand one after the other in a file. */
export function batchOf(messages: readonly string[], fields: Record<string, string> = {}, id?: string): LogBatch {
  const parts = messages.map((message) => Buffer.from(message));
  const starts = new Uint32Array(parts.length);
  const ends = new Uint32Array(parts.length);
  let at = 0;
  parts.forEach((part, i) => {
    starts[i] = at;
    ends[i] = at += part.length;
  });
  const count = parts.length;
  return {
    source: { id: id ?? `source${made++}`, path: '/a.log', fields: { 'log.file.path': '/a.log', ...fields } },
    count,
    bytes: Buffer.concat(parts),
    starts,
    ends,
    offsets: Float64Array.from(parts, (_, i) => ends[i] + i + 1),
    timestamps: new Float64Array(count).fill(Date.UTC(2026, 10, 21, 12, 14, 31, 5)),
    nanos: new Uint32Array(count).fill(678_900),
    streams: new Uint8Array(count).fill(1),
  };
}
