import type { Notification } from '../../model/alert.ts';
import type { Attempt, Deliver } from '../outbox/outbox.ts';
import type { Routing } from '../routing/routing.ts';
import { integrationsOf } from './integrations.ts';
import type { Integration, SendContext } from './kind.ts';

/** Sends notifications through the integrations of one routing file. */
export class Notifier {
  readonly #integrations: ReadonlyMap<string, Integration>;
  readonly #context: (notification: Notification, integration: string) => Promise<SendContext>;

  constructor(routing: Routing, context: (notification: Notification, integration: string) => Promise<SendContext>) {
    const all = [...routing.receivers.keys()].flatMap((receiver) => integrationsOf(routing, receiver));
    this.#integrations = new Map(all.map(({ name, integration }) => [name, integration]));
    this.#context = context;
  }

  readonly deliver: Deliver = async (notification, name, signal): Promise<Attempt> => {
    const integration = this.#integrations.get(name);
    if (integration === undefined) return { ok: false, retry: false, error: 'the receiver is no longer configured' };
    try {
      return await integration.send(notification, await this.#context(notification, name), signal);
    } catch (error) {
      return { ok: false, retry: true, error: (error as Error).message };
    }
  };

  close(): void {
    for (const integration of this.#integrations.values()) integration.close?.();
  }
}
