import type { Notification } from '../../../model/alert.ts';
import type { Attempt } from '../../outbox/outbox.ts';
import { buildPage } from '../../page/page.ts';
import type { SendContext } from '../kind.ts';

export function sendToConsole(notification: Notification, context: SendContext): Promise<Attempt> {
  context.print(buildPage(notification, context), notification);
  return Promise.resolve({ ok: true, receipt: 'shown on the console' });
}
