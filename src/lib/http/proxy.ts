import http from 'node:http';
import https from 'node:https';
import type { Duplex } from 'node:stream';
import tls from 'node:tls';

export interface ForwardOptions {
  readonly hostname: string;
  readonly port: string;
  readonly path: string;
  readonly headers: Readonly<Record<string, string>>;
}

/** An HTTP proxy, `http://user:password@proxy:3128`. Requests to plain servers are sent to it whole; those to TLS servers go through a tunnel. */
export class HttpProxy {
  readonly #url: string;

  /** A text that is no URL fails at the first request. */
  constructor(url: string) {
    this.#url = url;
  }

  /** Options of a request to a plain server: the proxy is called, and is told the whole address. */
  forward(url: string): ForwardOptions {
    return { ...this.#address(), path: url, headers: { host: new URL(url).host, ...this.#authorization() } };
  }

  /** An agent for TLS servers; each connection begins with a CONNECT. */
  tunnel(options: https.AgentOptions): https.Agent {
    const agent = new https.Agent(options);
    const connect = (
      target: tls.ConnectionOptions & https.RequestOptions,
      done: (error: Error | null, socket?: Duplex) => void,
    ) => {
      const host = `${String(target.host)}:${String(target.port)}`;
      const request = http.request({
        ...this.#address(),
        method: 'CONNECT',
        path: host,
        headers: { host, ...this.#authorization() },
        agent: false,
      });
      request.once('connect', ({ statusCode }, socket) => {
        if (statusCode === 200) return done(null, tls.connect({ ...target, socket }));
        socket.destroy();
        done(new Error(`the proxy answered ${statusCode} to CONNECT`));
      });
      request.once('error', (error) => done(new Error(`the proxy cannot be reached: ${error.message}`)));
      request.end();
    };
    return Object.assign(agent, {
      createConnection: (target: https.RequestOptions, done: (error: Error | null, socket?: Duplex) => void) => {
        try {
          connect(target as tls.ConnectionOptions & https.RequestOptions, done);
        } catch (error) {
          done(error as Error);
        }
        return undefined;
      },
    });
  }

  #authorization(): Record<string, string> {
    const { username, password } = this.#parsed();
    if (username === '') return {};
    const credentials = `${decodeURIComponent(username)}:${decodeURIComponent(password)}`;
    return { 'proxy-authorization': `Basic ${Buffer.from(credentials).toString('base64')}` };
  }

  #address(): { readonly hostname: string; readonly port: string } {
    const { hostname, port } = this.#parsed();
    return { hostname, port: port || '80' };
  }

  /** @throws {Error} that does not repeat the text: it may hold a password. */
  #parsed(): URL {
    if (!/^http:\/\/[^/]/.test(this.#url) || !URL.canParse(this.#url))
      throw new Error('the proxy is not named by a URL that begins with http://');
    return new URL(this.#url);
  }
}
