import { once } from 'node:events';
import type net from 'node:net';
import { ProbeFailure } from './report.ts';

/** Bytes that may be waited for without the end of a line. */
const MAX_WAITING = 64 * 1024;

/** What a server says, line by line. */
export class LineReader {
  readonly #socket: net.Socket;
  #waiting = Buffer.alloc(0);
  #ended = false;
  readonly #onData = (chunk: Buffer) => {
    this.#waiting = Buffer.concat([this.#waiting, chunk]);
    if (this.#waiting.length > MAX_WAITING) this.#socket.pause();
    this.#socket.emit('more');
  };
  readonly #onEnd = () => {
    this.#ended = true;
    this.#socket.emit('more');
  };

  constructor(socket: net.Socket) {
    this.#socket = socket;
    socket.on('data', this.#onData).on('end', this.#onEnd).on('error', this.#onEnd);
  }

  /** The next line without its end; undefined once there are no more. @throws {ProbeFailure} */
  async next(signal: AbortSignal): Promise<string | undefined> {
    for (;;) {
      const end = this.#waiting.indexOf(10);
      if (end >= 0)
        return this.#take(end + 1)
          .toString()
          .replace(/\r?\n$/, '');
      if (this.#ended) return this.#waiting.length === 0 ? undefined : this.#take(this.#waiting.length).toString();
      await this.#more(signal);
    }
  }

  /** Reads until `bytes` have come. @throws {ProbeFailure} */
  async readThrough(bytes: Buffer, signal: AbortSignal): Promise<void> {
    for (;;) {
      const at = this.#waiting.indexOf(bytes);
      if (at >= 0) {
        this.#take(at + bytes.length);
        return;
      }
      if (this.#ended) throw new ProbeFailure('the expected bytes did not come');
      await this.#more(signal);
    }
  }

  /** Leaves the socket to another reader. */
  detach(): void {
    this.#socket.off('data', this.#onData).off('end', this.#onEnd).off('error', this.#onEnd);
  }

  async #more(signal: AbortSignal): Promise<void> {
    if (this.#waiting.length > MAX_WAITING) throw new ProbeFailure(`no end of a line within ${MAX_WAITING} bytes`);
    try {
      await once(this.#socket, 'more', { signal });
    } catch (error) {
      throw new ProbeFailure(signal.aborted ? 'timed out' : (error as Error).message);
    }
  }

  #take(length: number): Buffer {
    const taken = this.#waiting.subarray(0, length);
    this.#waiting = this.#waiting.subarray(length);
    return taken;
  }
}
