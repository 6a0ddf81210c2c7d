import { describeErrno } from '../lib/durable/errno.ts';
import { printableText } from '../lib/text/printable.ts';
import { COMMAND_LINE, InputError } from '../lib/schema/yaml.ts';

/** Exit codes of every command: 0 fine, and these. */
export const EXIT = { problem: 1, usage: 2, unreachable: 3 } as const;

/** Ends the command with a message for people and a code for programs. */
export class CommandError extends Error {
  readonly code: number;

  constructor(code: number, message: string) {
    super(message);
    this.name = 'CommandError';
    this.code = code;
  }
}

/** Prints what went wrong, without a stack for what the user can mend, and returns the exit code. */
export function explainFailure(error: unknown): number {
  console.error(printableText(messageOf(error)));
  if (error instanceof CommandError) return error.code;
  const wrongCall =
    error instanceof InputError &&
    (error.name === 'UnreadableConfig' || error.complaints.every(({ file }) => file === COMMAND_LINE));
  return wrongCall ? EXIT.usage : EXIT.problem;
}

/** A start that fails ends the process at once, whatever parts had started. */
export async function startOrExit<T>(start: () => Promise<T>): Promise<T> {
  try {
    return await start();
  } catch (error) {
    process.exit(explainFailure(error));
  }
}

function messageOf(error: unknown): string {
  if (!(error instanceof Error)) return String(error);
  if ('code' in error && error.code === 'EADDRINUSE')
    return `${describeErrno(error)} (EADDRINUSE); \`--listen host:port\` chooses another`;
  const ourFault = error instanceof TypeError || error instanceof ReferenceError || error instanceof RangeError;
  return ourFault ? (error.stack ?? error.message) : describeErrno(error);
}
