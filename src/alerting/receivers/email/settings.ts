import type { Secret } from '../http-kind.ts';
import type { HttpConfig } from '../http-config.ts';

/** One entry of `email_configs`, with what `global` says filled in. */
export interface EmailConfig {
  readonly sendResolved: boolean;
  /** `to`, `from`, headers, `html` and `text` are templates. */
  readonly to: string;
  readonly from: string;
  readonly hello: string;
  readonly host: string;
  readonly port: number;
  readonly username: string;
  readonly password: string;
  readonly passwordFile: string;
  /** For CRAM-MD5, which servers may ask for in place of a password. */
  readonly secret: Secret;
  /** A new thread each day, in UTC; otherwise mails of one group are one thread. */
  readonly threadDaily: boolean;
  readonly requireTls: boolean;
  /** TLS from the first byte on; undefined: on port 465. */
  readonly implicitTls: boolean | undefined;
  readonly tls: HttpConfig['tls_config'];
  /** By canonical name: `Subject`, `Reply-To`. */
  readonly headers: Readonly<Record<string, string>>;
  /** '' = no such part. */
  readonly html: string;
  readonly text: string;
}

/** Alertmanager's; the names are those of its templates, so a file that defines them again is used. */
export const DEFAULT_SUBJECT = '{{ template "email.default.subject" . }}';
export const DEFAULT_HTML = '{{ template "email.default.html" . }}';
export const DEFAULT_TEXT = '{{ template "email.default.text" . }}';
