import type { Notification } from '../../model/alert.ts';
import type { Attempt, Deliver } from '../outbox/outbox.ts';
import type { Routing } from '../routing/routing.ts';
import { integrationsOf } from './integrations.ts';
import type { Integration, SendContext } from './kind.ts';

/** A notification as it goes out, and what its text is made with. */
export interface Outgoing {
  readonly notification: Notification;
  readonly context: SendContext;
}

/** Sends notifications through the integrations of one routing file. */
export class Notifier {
  readonly #integrations: ReadonlyMap<string, Integration>;
  readonly #prepare: (notification: Notification, integration: string) => Promise<Outgoing>;

  constructor(routing: Routing, prepare: (notification: Notification, integration: string) => Promise<Outgoing>) {
    const all = [...routing.receivers.keys()].flatMap((receiver) => integrationsOf(routing, receiver));
    this.#integrations = new Map(all.map(({ name, integration }) => [name, integration]));
    this.#prepare = prepare;
  }

  readonly deliver: Deliver = async (notification, name, signal): Promise<Attempt> => {
    const integration = this.#integrations.get(name);
    if (integration === undefined) return { ok: false, retry: false, error: 'the receiver is no longer configured' };
    try {
      const outgoing = await this.#prepare(notification, name);
      return await integration.send(outgoing.notification, outgoing.context, signal);
    } catch (error) {
      return { ok: false, retry: true, error: (error as Error).message };
    }
  };

  close(): void {
    for (const integration of this.#integrations.values()) integration.close?.();
  }
}
