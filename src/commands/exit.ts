import { InputError } from '../lib/yaml.ts';

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
  if (error instanceof CommandError) {
    console.error(error.message);
    return error.code;
  }
  if (error instanceof InputError) {
    console.error(error.message);
    return EXIT.problem;
  }
  console.error(error instanceof Error ? (error.stack ?? error.message) : String(error));
  return EXIT.problem;
}
