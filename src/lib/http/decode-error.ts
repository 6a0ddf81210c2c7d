/** A request body that cannot be read; `status` is the HTTP answer it deserves. */
export class DecodeError extends Error {
  readonly status: 400 | 413 | 415;

  constructor(status: DecodeError['status'], message: string) {
    super(message);
    this.name = 'DecodeError';
    this.status = status;
  }
}
