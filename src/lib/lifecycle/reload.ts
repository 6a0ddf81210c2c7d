/** A change that is ready to take effect. */
export interface PreparedChange {
  /** Takes effect at once and cannot fail: whatever may fail was done by `prepare`. */
  commit(): void;
  /** Frees what was prepared, where the reload as a whole is given up. */
  discard?(): void;
}

/**
 * A long-lived part whose configuration can change while it runs. A reload prepares every part, then commits all of them;
 * where one refuses, all are discarded and nothing has changed.
 */
export interface Reloadable<Config> {
  /**
   * Reads and checks everything that the new configuration names (files, templates, certificates) without touching what runs.
   * @throws {InputError} with file, line and path of what is wrong.
   */
  prepare(config: Config): Promise<PreparedChange>;
}
