import type { SearchClient } from './client.ts';

/** Backing indices of data streams, oldest first, as they were at some time; undefined where they could not be had. */
export type Snapshot = ReadonlyMap<string, readonly string[] | undefined>;

/** One item of a bulk request by where it went. */
export interface Sent {
  readonly item: number;
  readonly stream: string;
  readonly id: string;
}

/**
 * Keeps a repeated request from storing a record twice. `create` refuses an `_id` only within the generation that holds it, so before
 * a request is repeated, the generations that the first try may have gone to are asked by a realtime read.
 */
export class Generations {
  readonly #client: SearchClient;
  readonly #known = new Map<string, readonly string[] | undefined>();

  constructor(client: SearchClient) {
    this.#client = client;
  }

  /** What is known of some streams before a request; asks for those that were never asked for. */
  async snapshot(streams: Iterable<string>, signal: AbortSignal): Promise<Snapshot> {
    const snapshot = new Map<string, readonly string[] | undefined>();
    for (const stream of streams) {
      if (!this.#known.has(stream)) this.#known.set(stream, await this.#look(stream, signal).catch(() => undefined));
      snapshot.set(stream, this.#known.get(stream));
    }
    return snapshot;
  }

  /** Whether a stream's write index is another one than at a snapshot. @throws where the server does not answer. */
  async hasMoved(stream: string, before: Snapshot, signal: AbortSignal): Promise<boolean> {
    const now = await this.#look(stream, signal);
    if (now === undefined) return false;
    this.#known.set(stream, now);
    return before.get(stream)?.at(-1) !== now.at(-1) && now.length > 1;
  }

  /**
   * Of the items sent to a stream those that are stored since a snapshot, in whichever generation; undefined where that can't be asked.
   * @throws where the server does not answer.
   */
  async findStored(
    stream: string,
    sent: readonly Sent[],
    before: Snapshot,
    signal: AbortSignal,
  ): Promise<Set<number> | undefined> {
    const found = new Set<number>();
    const now = this.#known.get(stream) ?? [];
    const first = Math.max(0, now.indexOf(before.get(stream)?.at(-1) ?? ''));
    for (const index of now.slice(first)) {
      const path = `/${encodeURIComponent(index)}/_mget?_source=false&filter_path=docs.found`;
      const { status, body } = await this.#client.ask(path, signal, { ids: sent.map(({ id }) => id) });
      if (status === 403) return undefined;
      if (status !== 200) throw new Error(`asking ${index} for records: HTTP ${status}`);
      const { docs = [] } = JSON.parse(body.toString()) as { docs?: { found?: boolean }[] };
      sent.forEach(({ item }, i) => docs[i]?.found === true && found.add(item));
    }
    return found;
  }

  /** Undefined where the name is no data stream, or the credentials may not see it. */
  async #look(stream: string, signal: AbortSignal): Promise<readonly string[] | undefined> {
    const path = `/_data_stream/${encodeURIComponent(stream)}?filter_path=data_streams.indices.index_name`;
    const { status, body } = await this.#client.ask(path, signal);
    if (status === 429 || status >= 500) throw new Error(`asking for data stream ${stream}: HTTP ${status}`);
    if (status !== 200) return undefined;
    const answer = JSON.parse(body.toString()) as { data_streams?: { indices: { index_name: string }[] }[] };
    return answer.data_streams?.[0]?.indices.map(({ index_name: name }) => name);
  }
}
