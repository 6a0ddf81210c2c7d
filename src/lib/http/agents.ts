import { readFileSync, statSync } from 'node:fs';
import http from 'node:http';
import https from 'node:https';
import tls from 'node:tls';
import type { HttpClientConfig } from './client-config.ts';
import type { HttpProxy } from './proxy.ts';

const MAX_SOCKETS = 64;

type TlsConfig = NonNullable<HttpClientConfig['tls_config']>;

/** Certificates and key as PEM where they do not lie in files. */
export interface Certificates {
  readonly ca?: string;
  readonly cert?: string;
  readonly key?: string;
}

/** The connections of one client. Certificates and keys are read again when their files change; what is under way goes on. */
export class HttpAgents {
  readonly #tls: TlsConfig | undefined;
  readonly #certificates: Certificates;
  readonly #proxy: HttpProxy | undefined;
  readonly #plain = new http.Agent({ keepAlive: true, maxSockets: MAX_SOCKETS });
  readonly #plainOnce = new http.Agent({ keepAlive: false });
  #secure: { readonly pooled: https.Agent; readonly once: https.Agent; readonly version: string } | undefined;

  /** `certificates` hold where `tlsConfig` names no file. */
  constructor(tlsConfig: TlsConfig | undefined, certificates: Certificates = {}, proxy?: HttpProxy) {
    this.#tls = tlsConfig;
    this.#certificates = certificates;
    this.#proxy = proxy;
  }

  /**
   * `once`: a connection of its own that is not kept.
   * @throws the system's error, or that of OpenSSL, where a file cannot be used and there never was one that could.
   */
  agentFor(secure: boolean, once: boolean): http.Agent {
    if (!secure) return once ? this.#plainOnce : this.#plain;
    const agents = this.#currentSecure();
    return once ? agents.once : agents.pooled;
  }

  /** Ends idle connections. */
  close(): void {
    this.#plain.destroy();
    this.#secure?.pooled.destroy();
  }

  #currentSecure() {
    const before = this.#secure;
    try {
      const version = this.#filesVersion();
      if (before?.version === version) return before;
      const options = this.#readOptions();
      // Half a file, or a key that belongs to another certificate, is refused here and not at each connection.
      tls.createSecureContext(options);
      this.#secure = {
        pooled: this.#agent({ ...options, keepAlive: true, maxSockets: MAX_SOCKETS }),
        once: this.#agent({ ...options, keepAlive: false }),
        version,
      };
    } catch (error) {
      // In the middle of a replacement the files before it serve on; the next request looks again.
      if (before === undefined) throw error;
      return before;
    }
    if (before !== undefined) retire(before.pooled);
    return this.#secure;
  }

  #agent(options: https.AgentOptions): https.Agent {
    return this.#proxy?.tunnel(options) ?? new https.Agent(options);
  }

  #readOptions(): https.AgentOptions {
    const config = this.#tls;
    return {
      ca: contentOf(config?.ca_file) ?? this.#certificates.ca,
      cert: contentOf(config?.cert_file) ?? this.#certificates.cert,
      key: contentOf(config?.key_file) ?? this.#certificates.key,
      servername: config?.server_name,
      rejectUnauthorized: !config?.insecure_skip_verify,
    };
  }

  /** Differs whenever one of the files does. A few microseconds a file. */
  #filesVersion(): string {
    const { ca_file, cert_file, key_file } = this.#tls ?? {};
    return [ca_file, cert_file, key_file]
      .map((path) => {
        if (path === undefined) return '';
        const { ino, size, mtimeMs, ctimeMs } = statSync(path);
        return `${ino} ${size} ${mtimeMs} ${ctimeMs}`;
      })
      .join(',');
  }
}

/** Ends the idle connections, and those in use as soon as they are idle. */
function retire(agent: https.Agent): void {
  agent.maxFreeSockets = 0;
  for (const sockets of Object.values(agent.freeSockets)) for (const socket of sockets ?? []) socket.destroy();
}

function contentOf(path: string | undefined): Buffer | undefined {
  return path === undefined ? undefined : readFileSync(path);
}
