import { readSecretFile, validate, z } from '../../lib/schema/schema.ts';
import type { YamlSource } from '../../lib/schema/yaml.ts';
import type { Attempt } from '../outbox/outbox.ts';
import { type Exchange, type Message, exchange } from './exchange.ts';
import { type HttpConfig, clientOf, httpConfig } from './http-config.ts';
import { type Integration, type Place, type ReceiverKind, checkedTemplates, text } from './kind.ts';
import { Render } from './render.ts';

/** What each kind that speaks HTTP takes beside its own keys. */
export function httpKeys(sendResolved: boolean) {
  return { send_resolved: z.boolean().default(sendResolved), http_config: httpConfig.nullish() };
}

export type Exchanging = (message: Message) => Promise<Exchange>;

export interface HttpKind<Node, Config> {
  /** `slack`. */
  readonly kind: string;
  readonly schema: z.ZodType<Node>;
  /** Fills in what `global` says, and complains of what does not fit together. */
  readonly read: (node: Node, place: Place) => Config;
  /** The templates of an entry by the key under which each stands. */
  readonly templates: (config: Config) => Readonly<Record<string, string>>;
  /** Sends one notification by one or several exchanges. May throw: then another try can help. */
  readonly send: (config: Config, render: Render, exchange: Exchanging) => Promise<Attempt>;
}

interface HttpNode {
  readonly send_resolved: boolean;
  readonly http_config?: Partial<HttpConfig> | null;
  /** Milliseconds. */
  readonly timeout?: number;
}

/** Milliseconds for one exchange. */
const TIMEOUT = 30_000;

/** A receiver kind over HTTP: configuration, client and failures are those of all such kinds. */
export function httpKind<Node extends HttpNode, Config>(kind: HttpKind<Node, Config>): ReceiverKind {
  return {
    key: `${kind.kind}_configs`,
    read(source: YamlSource, place: Place): Integration {
      const node = validate(source, kind.schema);
      const config = kind.read(node, place);
      const http = node.http_config ?? place.global.http_config ?? {};
      const client = clientOf(http);
      const redirects = http.follow_redirects ?? true;
      return {
        kind: kind.kind,
        sendResolved: node.send_resolved,
        templates: checkedTemplates(kind.templates(config), place),
        async send(notification, context, signal) {
          const render = new Render(notification, context);
          const options = { timeout: node.timeout || TIMEOUT, signal, redirects };
          // A file of a secret that cannot be read may be there at the next try.
          const attempt = await kind
            .send(config, render, (message) => exchange(client, message, options))
            .catch((error: unknown): Attempt => ({ ok: false, retry: true, error: (error as Error).message }));
          if (!attempt.ok || render.trouble === '') return attempt;
          return { ok: true, receipt: `${attempt.receipt} (built-in page sent: ${render.trouble})` };
        },
        close: () => client.close(),
      };
    },
  };
}

/** A secret that stands in the file itself or in one of its own, read at each use. */
export interface Secret {
  readonly value: string;
  readonly file: string;
}

/** @throws {Error} where its file cannot be read. */
export function secretOf({ value, file }: Secret): string {
  return file === '' ? value : readSecretFile(file);
}

/**
 * A secret under `key` or `key_file`, else the one of `global` under the other name; complains where both are set. Empty where neither is.
 */
export function readSecret(node: Readonly<Record<string, unknown>>, key: string, place: Place, globalKey = ''): Secret {
  const own = secretIn(node, key, place);
  if (own.value !== '' && own.file !== '') place.complain([], `at most one of ${key} & ${key}_file must be configured`);
  if (own.value !== '' || own.file !== '' || globalKey === '') return own;
  return secretIn(place.global, globalKey, place);
}

function secretIn(node: Readonly<Record<string, unknown>>, key: string, place: Place): Secret {
  const textAt = (name: string) => (typeof node[name] === 'string' ? node[name] : '');
  return { value: textAt(key), file: place.pathOf(textAt(`${key}_file`)) };
}

export function isSet({ value, file }: Secret): boolean {
  return value !== '' || file !== '';
}

/** A template with the one of Alertmanager's name as its default; an empty text stays empty. */
export function template(fallback: string) {
  return z
    .string()
    .nullish()
    .transform((value) => value ?? fallback);
}

/** The default template of a kind: `named('slack', 'title')`. */
export function named(kind: string, part: string) {
  return template(`{{ template "${kind}.default.${part}" . }}`);
}

/** Texts by name, each a template. */
export const texts = z
  .record(z.string(), text)
  .nullish()
  .transform((value) => value ?? {});

/** An address of `global` or of the entry, without the slash at its end; complains where it is none. */
export function readUrl(value: string, key: string, place: Place): string {
  if (value !== '' && (!/^https?:\/\/[^/]/.test(value) || !URL.canParse(value)))
    place.complain([key], 'expected an http or https URL');
  return value.replace(/\/+$/, '');
}
