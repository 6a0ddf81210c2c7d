/** How a running process takes over a changed configuration. */
export interface ReloadControl {
  /**
   * Reads the configuration again and applies it as a whole. Reloads run one at a time; a call during one waits for the next.
   * @throws {InputError} with file, line and path of what is wrong; nothing has changed then.
   */
  readonly reload: () => Promise<void>;
  readonly status: () => ReloadStatus;
}

export interface ReloadStatus {
  /** Whether the last reload succeeded; true before the first. */
  readonly successful: boolean;
  /** Milliseconds since the epoch: when the running configuration was loaded. */
  readonly loadedAt: number;
}
