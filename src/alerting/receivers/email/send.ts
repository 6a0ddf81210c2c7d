import { createHash } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { hostname } from 'node:os';
import { type SendMailOptions, createTransport } from 'nodemailer';
import { readSecretFile } from '../../../lib/schema/schema.ts';
import type { Notification } from '../../../model/alert.ts';
import { secretOf } from '../http-kind.ts';
import { recipientsRefused } from '../../metrics.ts';
import type { Attempt } from '../../outbox/outbox.ts';
import type { PageContext } from '../../page/page.ts';
import type { Letter } from '../kind.ts';
import { compose, envelopeOf } from './compose.ts';
import type { EmailConfig } from './settings.ts';

const TIMEOUTS = { connectionTimeout: 10_000, greetingTimeout: 10_000, socketTimeout: 30_000, dnsTimeout: 10_000 };

/** Sends one page. Its Message-ID is the notification's own, so that a second copy can be told. */
export async function sendEmail(
  config: EmailConfig,
  notification: Notification,
  context: PageContext,
  signal: AbortSignal,
): Promise<Attempt> {
  let envelope: ReturnType<typeof envelopeOf>;
  try {
    envelope = envelopeOf(config, notification, context);
  } catch (error) {
    return { ok: false, retry: true, error: (error as Error).message };
  }
  if (envelope.to === '') return { ok: false, retry: false, error: 'the template of to gives no address' };
  return post(config, signal, () => {
    const mail = compose(config, notification, context);
    const domain = domainOf(envelope.from);
    const own = Object.keys(mail.headers);
    const message = {
      envelope,
      from: mail.headerFrom ?? envelope.from,
      to: mail.headerTo ?? envelope.to,
      subject: mail.subject,
      text: mail.text,
      html: mail.html,
      headers: { ...mail.headers },
      messageId: own.includes('Message-Id') ? mail.headers['Message-Id'] : `<${notification.id}@${domain}>`,
      // Firing and resolved of one group stand in one thread.
      references: own.includes('References') ? undefined : `<${threadOf(notification, config.threadDaily)}@${domain}>`,
    };
    return { message, trouble: mail.trouble };
  });
}

/** Sends a letter to the people who would get a page. */
export function sendLetter(config: EmailConfig, letter: Letter, signal: AbortSignal): Promise<Attempt> {
  const { from, to } = config;
  const { id, attachments, ...parts } = letter;
  const message = { from, to, ...parts, attachments: [...attachments], messageId: `<${id}@${domainOf(from)}>` };
  return post(config, signal, () => ({ message, trouble: '' }));
}

interface Post {
  readonly message: SendMailOptions;
  /** What the receipt says besides. */
  readonly trouble: string;
}

/** Composes a mail and hands it to the server. Never rejects. */
async function post(config: EmailConfig, signal: AbortSignal, compose: () => Post): Promise<Attempt> {
  let transport: ReturnType<typeof connect>;
  try {
    transport = connect(config);
  } catch (error) {
    return { ok: false, retry: true, error: (error as Error).message };
  }
  const abort = () => transport.close();
  signal.addEventListener('abort', abort, { once: true });
  try {
    const { message, trouble } = compose();
    // Nothing in a page may make the sender read a file or fetch an address.
    const sent = await transport.sendMail({ ...message, disableFileAccess: true, disableUrlAccess: true });
    return { ok: true, receipt: receiptOf(sent, trouble) };
  } catch (error) {
    return { ok: false, ...failureOf(error) };
  } finally {
    signal.removeEventListener('abort', abort);
    transport.close();
  }
}

interface Sent {
  readonly response: string;
  readonly rejected?: readonly unknown[];
  readonly rejectedErrors?: readonly { readonly message: string }[];
}

/** The server's last answer, and whom it refused while it took others. */
function receiptOf({ response, rejected = [], rejectedErrors = [] }: Sent, trouble: string): string {
  recipientsRefused.inc(rejected.length);
  const reasons = rejectedErrors.map(({ message }) => message).join('; ');
  const refused = rejected.length === 0 ? '' : `; refused: ${rejected.map(String).join(', ')} (${reasons})`;
  return `${response}${refused}${trouble === '' ? '' : ` (built-in page sent: ${trouble})`}`;
}

/** Of the sender's address, which mail servers trust; without one the machine's name. */
function domainOf(from: string): string {
  return /@([A-Za-z0-9.-]+)>?\s*$/.exec(from)?.[1] ?? hostname();
}

function threadOf({ groupKey, createdAt }: Notification, daily: boolean): string {
  const day = daily ? new Date(createdAt).toISOString().slice(0, 10) : '';
  return createHash('sha256').update(`${groupKey}${day}`).digest('hex').slice(0, 32);
}

function connect(config: EmailConfig) {
  const { tls, username } = config;
  const password = config.passwordFile === '' ? config.password : readSecretFile(config.passwordFile);
  // A secret without a password can only be meant for CRAM-MD5.
  const secret = password === '' ? secretOf(config.secret) : '';
  const secure = config.implicitTls ?? config.port === 465;
  return createTransport({
    host: config.host,
    port: config.port,
    secure,
    requireTLS: config.requireTls,
    ignoreTLS: !config.requireTls && !secure,
    name: config.hello,
    auth: username === '' ? undefined : { user: username, pass: password || secret },
    authMethod: secret === '' ? undefined : 'CRAM-MD5',
    tls: {
      servername: tls?.server_name,
      rejectUnauthorized: !tls?.insecure_skip_verify,
      ca: tls?.ca_file === undefined ? undefined : readFileSync(tls.ca_file),
      cert: tls?.cert_file === undefined ? undefined : readFileSync(tls.cert_file),
      key: tls?.key_file === undefined ? undefined : readFileSync(tls.key_file),
    },
    ...TIMEOUTS,
  });
}

/** A 5xx answer to sender, recipient or message is final; a refused login may be a password that is just being changed. */
function failureOf(error: unknown): { retry: boolean; error: string } {
  const { message, code, responseCode = 0 } = error as Error & { code?: string; responseCode?: number };
  return { retry: responseCode < 500 || code === 'EAUTH', error: message };
}
