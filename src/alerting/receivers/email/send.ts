import { createHash } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { createTransport } from 'nodemailer';
import { readSecretFile } from '../../../lib/schema.ts';
import type { Notification } from '../../../model/alert.ts';
import type { Attempt } from '../../outbox/outbox.ts';
import type { EmailIntegration } from '../../routing/routing.ts';
import { renderHtml } from '../../page/html.ts';
import { type PageContext, buildPage } from '../../page/page.ts';
import { renderText } from '../../page/text.ts';
import { webhookBody } from '../webhook-body.ts';

const TIMEOUTS = { connectionTimeout: 10_000, greetingTimeout: 10_000, socketTimeout: 30_000, dnsTimeout: 10_000 };

/** Sends one mail: text and HTML. Its Message-ID is the notification's own, so that a second copy can be told. */
export async function sendEmail(
  config: EmailIntegration,
  notification: Notification,
  context: PageContext,
  signal: AbortSignal,
): Promise<Attempt> {
  let transport: ReturnType<typeof connect>;
  try {
    transport = connect(config);
  } catch (error) {
    return { ok: false, retry: true, error: (error as Error).message };
  }
  const abort = () => transport.close();
  signal.addEventListener('abort', abort, { once: true });
  try {
    const { subject, text, html, headers, trouble } = compose(config, notification, context);
    const sent = await transport.sendMail({
      from: config.from,
      to: config.to,
      subject,
      text,
      html,
      headers,
      messageId: `<${notification.id}@crowsnest>`,
      // Firing and resolved of one group stand in one thread.
      references: `<${createHash('sha256').update(notification.groupKey).digest('hex').slice(0, 32)}@crowsnest>`,
      // Nothing in a page may make the sender read a file or fetch an address.
      disableFileAccess: true,
      disableUrlAccess: true,
    });
    return { ok: true, receipt: trouble === '' ? sent.response : `${sent.response} (built-in page sent: ${trouble})` };
  } catch (error) {
    return { ok: false, ...judge(error) };
  } finally {
    signal.removeEventListener('abort', abort);
    transport.close();
  }
}

interface Mail {
  readonly subject: string;
  readonly text: string;
  readonly html: string;
  readonly headers: Readonly<Record<string, string>>;
  /** Why the user's own template was not used. */
  readonly trouble: string;
}

/** By the user's templates where there are any. One that fails must not keep the page from going out. */
function compose(config: EmailIntegration, notification: Notification, context: PageContext): Mail {
  const page = buildPage(notification, context);
  const builtIn: Mail = {
    subject: page.subject,
    text: renderText(page),
    html: renderHtml(page),
    headers: {},
    trouble: '',
  };
  const own = Object.entries(config.headers);
  if (config.html === '' && config.text === '' && own.length === 0) return builtIn;
  const body = webhookBody(notification, 0, context.externalUrl);
  try {
    const text = (template: string) => context.templates.text(template, body, context.now, builtIn);
    const headers = Object.fromEntries(
      own.map(([name, template]) => [name.toLowerCase(), text(template).replaceAll(/\s+/g, ' ')]),
    );
    const { subject = builtIn.subject, ...rest } = headers;
    return {
      subject,
      text: config.text === '' ? builtIn.text : text(config.text),
      html: config.html === '' ? builtIn.html : context.templates.html(config.html, body, context.now, builtIn),
      headers: rest,
      trouble: '',
    };
  } catch (error) {
    return { ...builtIn, trouble: (error as Error).message };
  }
}

function connect(config: EmailIntegration) {
  const { tls, username } = config;
  const password = config.passwordFile === '' ? config.password : readSecretFile(config.passwordFile);
  return createTransport({
    host: config.host,
    port: config.port,
    secure: config.port === 465,
    requireTLS: config.requireTls,
    ignoreTLS: !config.requireTls && config.port !== 465,
    name: config.hello,
    auth: username === '' ? undefined : { user: username, pass: password },
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
function judge(error: unknown): { retry: boolean; error: string } {
  const { message, code, responseCode = 0 } = error as Error & { code?: string; responseCode?: number };
  return { retry: responseCode < 500 || code === 'EAUTH', error: message };
}
