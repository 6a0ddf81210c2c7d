import { createHash } from 'node:crypto';
import type { Notification } from '../../model/alert.ts';
import { renderHtml } from '../page/html.ts';
import { type PageContext, buildPage } from '../page/page.ts';
import { renderText } from '../page/text.ts';
import { cutText } from '../page/words.ts';
import type { BuiltInPage } from './templates.ts';
import { type WebhookBody, webhookBody } from './webhook-body.ts';

/** What stands in place of a template that fails: part of the built-in page, or a text of the kind's own. */
type Fallback = { readonly page: 'subject' | 'text' } | { readonly own: string };

/**
 * The texts of one notification. A template that fails must not keep the page from going out: the built-in page is sent in its
 * place, and `trouble` says why.
 */
export class Render {
  readonly data: WebhookBody;
  readonly firing: boolean;
  /** Names the group at the other side, so that it joins what belongs together: 64 hex digits, those of Alertmanager. */
  readonly groupId: string;
  trouble = '';
  readonly #context: PageContext;
  readonly #page: BuiltInPage;

  constructor(notification: Notification, context: PageContext) {
    const page = buildPage(notification, context);
    this.#context = context;
    this.#page = { subject: page.subject, text: renderText(page), html: renderHtml(page) };
    this.data = webhookBody(notification, 0, context.externalUrl);
    this.firing = notification.status === 'firing';
    this.groupId = createHash('sha256').update(notification.groupKey).digest('hex');
  }

  /** One line or a few words; `max` UTF-16 units. */
  title(template: string, max = Infinity): string {
    return cutText(this.#run(template, { page: 'subject' }), max);
  }

  /** The body of the message; `max` UTF-16 units. */
  body(template: string, max = Infinity): string {
    return cutText(this.#run(template, { page: 'text' }), max);
  }

  /** A body in which values are escaped as HTML. */
  htmlBody(template: string, max = Infinity): string {
    return cutText(this.#run(template, { page: 'text' }, 'html'), max);
  }

  /** A setting, such as a colour or a channel; `own` where its template fails. */
  setting(template: string, own = ''): string {
    return this.#run(template, { own });
  }

  #run(template: string, fallback: Fallback, form: 'text' | 'html' = 'text'): string {
    if (!template.includes('{{')) return template;
    const { templates, now } = this.#context;
    try {
      return templates[form](template, this.data, now, this.#page);
    } catch (error) {
      this.trouble = (error as Error).message;
      return 'own' in fallback ? fallback.own : this.#page[fallback.page];
    }
  }
}
