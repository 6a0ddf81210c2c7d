/** One border of the program that takes bytes from outside. */
export interface FuzzTarget {
  /** Inputs that are good, or nearly: what mutations begin with. */
  seeds(): Promise<readonly (string | Buffer)[]>;
  /** Words of the format, which mutations put in. */
  readonly words: readonly string[];
  open(): Promise<OpenTarget>;
}

export interface OpenTarget {
  /** Takes one input. A refusal with an explicit error returns; whatever this throws is a fault. */
  run(input: Buffer): Promise<void>;
  close(): Promise<void>;
}

export const NOTHING_TO_CLOSE = (): Promise<void> => Promise.resolve();

/** Throws what is no refusal of one of these classes. */
export function refusedBy(error: unknown, ...classes: readonly (new (...args: never[]) => Error)[]): void {
  if (!classes.some((one) => error instanceof one)) throw error;
}
