import { validate, z } from '../../../lib/schema/schema.ts';
import { readSecret } from '../http-kind.ts';
import { tlsConfig } from '../http-config.ts';
import { type Integration, type Place, type ReceiverKind, checkedTemplates, text } from '../kind.ts';
import { sendEmail, sendLetter } from './send.ts';
import { DEFAULT_HTML, DEFAULT_TEXT, type EmailConfig } from './settings.ts';

const schema = z.strictObject({
  send_resolved: z.boolean().default(false),
  to: text,
  from: z.string().nullish(),
  hello: z.string().nullish(),
  smarthost: z.string().nullish(),
  auth_username: z.string().nullish(),
  auth_password: z.string().nullish(),
  auth_password_file: z.string().nullish(),
  auth_secret: z.string().nullish(),
  auth_secret_file: z.string().nullish(),
  auth_identity: z.string().nullish(),
  require_tls: z.boolean().nullish(),
  force_implicit_tls: z.boolean().nullish(),
  threading: z
    .strictObject({
      enabled: z.boolean().default(false),
      thread_by_date: z.enum(['none', 'daily'], {
        error: "threading.thread_by_date must be either 'none' or 'daily'",
      }),
    })
    .nullish(),
  tls_config: tlsConfig.nullish(),
  headers: z.record(z.string(), text).nullish(),
  html: text.optional(),
  text,
});

export const emailKind: ReceiverKind = {
  key: 'email_configs',
  read(source, place) {
    const config = readConfig(validate(source, schema), place);
    const { to, from, html, text: plain } = config;
    const headers = Object.entries(config.headers).map(([name, value]) => [`headers.${name}`, value]);
    return emailIntegration(
      config,
      checkedTemplates({ to, from, html, text: plain, ...(Object.fromEntries(headers) as object) }, place),
    );
  },
};

function readConfig(node: z.infer<typeof schema>, place: Place): EmailConfig {
  const { global } = place;
  const smarthost = node.smarthost ?? global.smtp_smarthost ?? '';
  const match = /^(?:\[([^\]]+)\]|([^:]*)):(\d+)$/.exec(smarthost);
  if (smarthost === '') place.complain([], 'no global SMTP smarthost set');
  else if (match === null) place.complain(['smarthost'], `expected host:port, not ${JSON.stringify(smarthost)}`);
  const from = node.from ?? global.smtp_from ?? '';
  if (from === '') place.complain([], 'no global SMTP from set');
  if (node.to === '') place.complain(['to'], 'missing to address in email config');
  if (node.auth_password && node.auth_password_file)
    place.complain([], 'at most one of auth_password & auth_password_file must be configured');
  const secret = readSecret(node, 'auth_secret', place, 'smtp_auth_secret');
  const own = Boolean(node.auth_password ?? node.auth_password_file);
  return {
    sendResolved: node.send_resolved,
    to: node.to,
    from,
    hello: node.hello ?? global.smtp_hello ?? 'localhost',
    host: match?.[1] ?? match?.[2] ?? '',
    port: Number(match?.[3] ?? 0),
    username: node.auth_username ?? global.smtp_auth_username ?? '',
    password: (own ? node.auth_password : global.smtp_auth_password) ?? '',
    passwordFile: place.pathOf((own ? node.auth_password_file : global.smtp_auth_password_file) ?? ''),
    secret,
    threadDaily: node.threading?.enabled === true && node.threading.thread_by_date === 'daily',
    requireTls: node.require_tls ?? global.smtp_require_tls ?? true,
    implicitTls: node.force_implicit_tls ?? global.smtp_force_implicit_tls ?? undefined,
    tls: node.tls_config ?? global.smtp_tls_config ?? undefined,
    headers: canonicalHeaders(node.headers ?? {}, place),
    html: node.html ?? DEFAULT_HTML,
    // A mail without any part would say nothing.
    text: node.text === '' && (node.html === '' || node.html === undefined) ? DEFAULT_TEXT : node.text,
  };
}

function canonicalHeaders(headers: Readonly<Record<string, string>>, place: Place): Record<string, string> {
  const canonical: Record<string, string> = {};
  for (const [name, value] of Object.entries(headers)) {
    const proper = name.toLowerCase().replaceAll(/(^|-)[a-z]/g, (letter) => letter.toUpperCase());
    if (proper in canonical) place.complain(['headers', name], `duplicate header ${JSON.stringify(proper)}`);
    if (!/^[!-9;-~]+$/.test(name)) place.complain(['headers', name], 'expected the name of a header');
    canonical[proper] = value;
  }
  return canonical;
}

function emailIntegration(config: EmailConfig, templates: Integration['templates']): Integration {
  return {
    kind: 'email',
    sendResolved: config.sendResolved,
    templates,
    send: (notification, context, signal) => sendEmail(config, notification, context, signal),
    mail: /\{\{/.test(config.to + config.from) ? undefined : (letter, signal) => sendLetter(config, letter, signal),
  };
}
