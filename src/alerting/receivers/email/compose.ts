import type { Notification } from '../../../model/alert.ts';
import { renderHtml } from '../../page/html.ts';
import { type PageContext, buildPage } from '../../page/page.ts';
import { renderText } from '../../page/text.ts';
import { webhookBody } from '../webhook-body.ts';
import { DEFAULT_SUBJECT, type EmailConfig } from './settings.ts';

export interface Mail {
  readonly subject: string;
  /** Absent: no such part. */
  readonly text?: string;
  readonly html?: string;
  /** Own headers but Subject, To and From. */
  readonly headers: Readonly<Record<string, string>>;
  /** Header fields that differ from the envelope; undefined: as the envelope. */
  readonly headerTo?: string;
  readonly headerFrom?: string;
  /** Why the built-in page is sent in place of the user's templates; '' where it is not. */
  readonly trouble: string;
}

/** A template that fails must not keep the page from going out: the built-in page is sent then. */
export function compose(config: EmailConfig, notification: Notification, context: PageContext): Mail {
  const page = buildPage(notification, context);
  const builtIn = { subject: page.subject, text: renderText(page), html: renderHtml(page) };
  const body = webhookBody(notification, 0, context.externalUrl);
  try {
    const text = (template: string) => context.templates.text(template, body, context.now, builtIn);
    const { Subject, To, From, ...own } = config.headers;
    return {
      subject: oneLine(text(Subject ?? DEFAULT_SUBJECT)),
      text: config.text === '' ? undefined : text(config.text),
      html: config.html === '' ? undefined : context.templates.html(config.html, body, context.now, builtIn),
      headers: Object.fromEntries(Object.entries(own).map(([name, template]) => [name, oneLine(text(template))])),
      headerTo: To === undefined ? undefined : oneLine(text(To)),
      headerFrom: From === undefined ? undefined : oneLine(text(From)),
      trouble: '',
    };
  } catch (error) {
    return { ...builtIn, headers: {}, trouble: (error as Error).message };
  }
}

/** The addresses of the envelope. @throws {TemplateError} */
export function envelopeOf(config: EmailConfig, notification: Notification, context: PageContext) {
  const body = webhookBody(notification, 0, context.externalUrl);
  const text = (template: string) =>
    template.includes('{{') ? oneLine(context.templates.text(template, body, context.now)) : template;
  return { from: text(config.from), to: text(config.to) };
}

/** A line break in a value must not begin another header. */
function oneLine(value: string): string {
  return value.replaceAll(/\s+/g, ' ').trim();
}
