/** An HTTP route that takes data from others: it is given the whole body of a POST. */
export interface IngestRoute {
  readonly path: string;
  readonly summary: string;
  /** Bytes. */
  readonly maxBody: number;
  handle(body: Buffer, headers: Readonly<Record<string, string | undefined>>): Promise<IngestAnswer>;
}

export interface IngestAnswer {
  readonly status: number;
  readonly headers?: Readonly<Record<string, string>>;
  readonly body?: string | Buffer;
}
