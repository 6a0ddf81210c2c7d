import type { Routing } from '../routing/routing.ts';
import type { Integration } from './kind.ts';

/** The integrations of a receiver, each with the name that log, outbox and history know it by: `team-shop/email/0`. */
export function integrationsOf(routing: Routing, receiver: string): { name: string; integration: Integration }[] {
  const counts: Record<string, number> = {};
  return (routing.receivers.get(receiver)?.integrations ?? []).map((integration) => {
    const index = counts[integration.kind] ?? 0;
    counts[integration.kind] = index + 1;
    return { name: `${receiver}/${integration.kind}/${index}`, integration };
  });
}
