const MB = 1024 ** 2;

/** How the one setting `memory` is shared out; what is left is for the label index and for what DuckDB takes on top. */
export interface MemoryBudget {
  /** Bytes of recent samples. */
  readonly window: number;
  /** DuckDB's own limit. It bounds only its pages: the process stands 100 MB and more above it. */
  readonly duck: number;
  /** DuckDB's limit in the child process that writes a block, for as long as that takes. It sorts in parts that fit. */
  readonly compaction: number;
  /**
   * Size at which a head is full whatever its age. DuckDB 1.5 keeps about two thirds of a table that is appended to
   * pinned in memory until the file is closed, so a head must stay well below DuckDB's limit.
   */
  readonly head: number;
  /** Bytes of samples and log records that may be on their way to the disk; more are refused. */
  readonly underWay: number;
}

export function splitMemoryBudget(memory: number): MemoryBudget {
  const duck = Math.max(64 * MB, Math.round(memory / 5));
  return {
    window: Math.round(memory * 0.3),
    duck,
    compaction: Math.max(192 * MB, Math.round(memory / 2)),
    head: Math.round(duck / 2),
    underWay: Math.max(16 * MB, Math.round(memory / 8)),
  };
}
