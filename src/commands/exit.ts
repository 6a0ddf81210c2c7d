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

/** Prints what went wrong, without a stack for what the user can mend, and answers the exit code. */
export function explainFailure(error: unknown): number {
  console.error(wordsOf(error));
  return error instanceof CommandError ? error.code : EXIT.problem;
}

/** A door that does not open ends the process at once, whatever it had opened half-way. */
export async function openOrExit<T>(open: () => Promise<T>): Promise<T> {
  try {
    return await open();
  } catch (error) {
    process.exit(explainFailure(error));
  }
}

function wordsOf(error: unknown): string {
  if (!(error instanceof Error)) return String(error);
  if ('code' in error && error.code === 'EADDRINUSE') return `${error.message}; \`--listen host:port\` chooses another`;
  const ourFault = error instanceof TypeError || error instanceof ReferenceError || error instanceof RangeError;
  return ourFault ? (error.stack ?? error.message) : error.message;
}
