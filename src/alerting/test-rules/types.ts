import type { Coverage } from './coverage.ts';

export interface TestOptions {
  /** Only test groups in whose name one of these RE2 patterns is found. */
  readonly run?: readonly string[];
  readonly ignoreUnknownFields?: boolean;
  /** As with Prometheus' flag `promql-delayed-name-removal`. */
  readonly delayedNameRemoval?: boolean;
  /** Called with what `--debug` prints. */
  readonly debug?: (text: string) => void;
}

export interface FileReport {
  readonly file: string;
  readonly warnings: readonly string[];
  /** The file could not be used at all. */
  readonly error: string | undefined;
  readonly cases: readonly CaseReport[];
  readonly coverage: readonly Coverage[];
}

export interface CaseReport {
  readonly name: string;
  readonly line: number;
  readonly failures: readonly Failure[];
}

/** One thing that was not as expected. `diff` says the same line by line, where two things were compared. */
export interface Failure {
  readonly message: string;
  readonly diff?: string;
}
