/** One entry of `sns_configs`. */
export interface SnsConfig {
  readonly url: string;
  readonly region: string;
  /** Empty: those of the environment. */
  readonly accessKey: string;
  readonly secretKey: string;
  /** Templates; one of the three names whom it goes to. */
  readonly texts: Readonly<Record<'topic_arn' | 'target_arn' | 'phone_number' | 'subject' | 'message', string>>;
  readonly attributes: Readonly<Record<string, string>>;
}
