import { validate, z } from '../../../lib/schema/schema.ts';
import type { Integration, ReceiverKind } from '../kind.ts';
import { sendToConsole } from './send.ts';

const schema = z.strictObject({ send_resolved: z.boolean().default(true) });

/** The terminal of `up`, and the log. */
export const consoleKind: ReceiverKind = {
  key: 'console_configs',
  read: (source) => consoleIntegration(validate(source, schema).send_resolved),
};

export function consoleIntegration(sendResolved: boolean): Integration {
  return { kind: 'console', sendResolved, templates: [], send: sendToConsole };
}
