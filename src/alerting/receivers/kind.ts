import { dirname, isAbsolute, join } from 'node:path';
import { duration, z } from '../../lib/schema/schema.ts';
import type { Complaint, Path, YamlSource } from '../../lib/schema/yaml.ts';
import type { Notification } from '../../model/alert.ts';
import type { Attempt } from '../outbox/outbox.ts';
import type { Page, PageContext } from '../page/page.ts';
import { httpConfig, tlsConfig } from './http-config.ts';
import { checkTemplate } from './templates.ts';

/** What a notification is sent with. */
export interface SendContext extends PageContext {
  /** What the receiver `console` does with a page: log it, print it. */
  readonly print: (page: Page, notification: Notification) => void;
}

/** A mail that stems from no alert. */
export interface Letter {
  /** Names it in its Message-ID, so that a second copy can be told. */
  readonly id: string;
  readonly subject: string;
  readonly text: string;
  readonly html: string;
  readonly attachments: readonly { readonly filename: string; readonly content: string }[];
}

/** One entry of a receiver, such as one of its `email_configs`, ready to send. */
export interface Integration {
  readonly kind: string;
  readonly sendResolved: boolean;
  /** Templates in its configuration, with the key each stands under. */
  readonly templates: readonly { readonly key: string; readonly text: string }[];
  /** Never rejects. */
  send(notification: Notification, context: SendContext, signal: AbortSignal): Promise<Attempt>;
  /** Sends a letter to the same people. Only where they are named without an alert. Never rejects. */
  readonly mail?: (letter: Letter, signal: AbortSignal) => Promise<Attempt>;
  close?(): void;
}

/** A kind of receiver: the key of its list in a receiver, and how an entry of that list is read. */
export interface ReceiverKind {
  readonly key: string;
  /** @throws {InputError} where the entry does not fit its schema; other faults go to `place`. */
  read(source: YamlSource, place: Place): Integration;
}

/** Where in a routing file an entry stands, and what it may fall back to. */
export interface Place {
  readonly global: GlobalSettings;
  complain(path: Path, message: string): void;
  /** A relative path starts at the folder of the routing file. */
  pathOf(path: string): string;
}

export function placeOf(source: YamlSource, global: GlobalSettings, complaints: Complaint[]): Place {
  return {
    global,
    complain: (path, message) => complaints.push(source.complain(path, message)),
    pathOf: (path) => (path === '' || isAbsolute(path) ? path : join(dirname(source.file), path)),
  };
}

/** Reports a template that does not parse. */
export function checkedTemplates(
  templates: Readonly<Record<string, string>>,
  place: Place,
): { readonly key: string; readonly text: string }[] {
  return Object.entries(templates).map(([key, text]) => {
    try {
      checkTemplate(text);
    } catch (error) {
      place.complain(key.split('.'), (error as Error).message);
    }
    return { key, text };
  });
}

/** A key of Alertmanager's that is refused by its name. */
export function notYet(use: string) {
  return z.undefined({ error: `this is not supported yet, not even in part; ${use}` }).optional();
}

/** A key without a value is an empty text, as in Go. */
export const text = z
  .string()
  .nullish()
  .transform((value) => value ?? '');

/** Keys of `global` that stand in for a key of the same meaning in receivers of one kind. */
export const FALLBACKS = [
  'slack_api_url', 'slack_api_url_file', 'slack_app_token', 'slack_app_token_file', 'slack_app_url', 'pagerduty_url',
  'opsgenie_api_key', 'opsgenie_api_key_file', 'opsgenie_api_url', 'victorops_api_key', 'victorops_api_key_file',
  'victorops_api_url', 'wechat_api_url', 'wechat_api_secret', 'wechat_api_secret_file', 'wechat_api_corp_id',
  'telegram_api_url', 'telegram_bot_token', 'telegram_bot_token_file', 'webex_api_url', 'jira_api_url',
  'rocketchat_api_url', 'rocketchat_token', 'rocketchat_token_file', 'rocketchat_token_id', 'rocketchat_token_id_file',
  'mattermost_webhook_url', 'mattermost_webhook_url_file',
] as const; // prettier-ignore

/** Section `global`. */
export const globalSchema = z.strictObject({
  resolve_timeout: duration().optional(),
  http_config: httpConfig.nullish(),
  smtp_from: z.string().nullish(),
  smtp_hello: z.string().nullish(),
  smtp_smarthost: z.string().nullish(),
  smtp_auth_username: z.string().nullish(),
  smtp_auth_password: z.string().nullish(),
  smtp_auth_password_file: z.string().nullish(),
  smtp_auth_secret: z.string().nullish(),
  smtp_auth_secret_file: z.string().nullish(),
  smtp_auth_identity: z.string().nullish(),
  smtp_require_tls: z.boolean().nullish(),
  smtp_tls_config: tlsConfig.nullish(),
  smtp_force_implicit_tls: z.boolean().nullish(),
  ...(Object.fromEntries(FALLBACKS.map((key) => [key, text])) as Record<(typeof FALLBACKS)[number], typeof text>),
});

export type GlobalSettings = z.infer<typeof globalSchema>;
