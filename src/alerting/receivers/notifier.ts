import { HttpClient } from '../../lib/http-client.ts';
import type { Notification } from '../../model/alert.ts';
import type { Attempt, Deliver } from '../outbox/outbox.ts';
import type { Integration, Routing, WebhookIntegration } from '../routing/routing.ts';
import { sendEmail } from './email/send.ts';
import { integrationsOf } from './integrations.ts';
import { type Page, type PageContext, buildPage } from '../page/page.ts';
import { sendWebhook } from './webhook/send.ts';

export interface NotifierOptions {
  readonly routing: Routing;
  readonly page: () => PageContext;
  /** What the receiver `console` does with a page: log it, print it. */
  readonly print: (page: Page, notification: Notification) => void;
}

/** Sends notifications through the integrations of one routing file. */
export class Notifier {
  readonly #options: NotifierOptions;
  readonly #integrations: ReadonlyMap<string, Integration>;
  readonly #clients = new Map<WebhookIntegration, HttpClient>();

  constructor(options: NotifierOptions) {
    this.#options = options;
    const all = [...options.routing.receivers.keys()].flatMap((receiver) => integrationsOf(options.routing, receiver));
    this.#integrations = new Map(all.map(({ name, integration }) => [name, integration]));
  }

  readonly deliver: Deliver = async (notification, name, signal): Promise<Attempt> => {
    const integration = this.#integrations.get(name);
    if (integration === undefined) return { ok: false, retry: false, error: 'the receiver is no longer configured' };
    switch (integration.kind) {
      case 'email':
        return sendEmail(integration, notification, this.#options.page(), signal);
      case 'webhook':
        return sendWebhook(
          this.#clientOf(integration),
          integration,
          notification,
          this.#options.page().externalUrl,
          signal,
        );
      case 'console':
        this.#options.print(buildPage(notification, this.#options.page()), notification);
        return { ok: true, receipt: 'shown on the console' };
    }
  };

  close(): void {
    for (const client of this.#clients.values()) client.close();
  }

  #clientOf(integration: WebhookIntegration): HttpClient {
    const known = this.#clients.get(integration);
    if (known !== undefined) return known;
    const client = new HttpClient(integration.http);
    this.#clients.set(integration, client);
    return client;
  }
}
