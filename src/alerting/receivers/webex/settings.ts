/** One entry of `webex_configs`. The bot's token is the `authorization` of its `http_config`. */
export interface WebexConfig {
  readonly url: string;
  /** Templates. */
  readonly room: string;
  readonly message: string;
}
