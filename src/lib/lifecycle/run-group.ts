/** A long-lived part of a process. */
export interface Service {
  readonly name: string;
  start(): Promise<void> | void;
  /** Drains within a bound of its own and never throws for what it could not drain. */
  stop(): Promise<void> | void;
}

/** Starts services in order and stops them in reverse; a failed start stops what was already up and rethrows. */
export class RunGroup {
  readonly #services: Service[] = [];
  readonly #started: Service[] = [];

  add(service: Service): this {
    this.#services.push(service);
    return this;
  }

  async start(): Promise<void> {
    for (const service of this.#services) {
      try {
        await service.start();
      } catch (error) {
        await this.stop();
        throw error;
      }
      this.#started.push(service);
    }
  }

  /** Stops all, even where one fails to; the first failure is rethrown at the end. */
  async stop(): Promise<void> {
    let failure: unknown;
    for (let service = this.#started.pop(); service !== undefined; service = this.#started.pop()) {
      try {
        await service.stop();
      } catch (error) {
        failure ??= error;
      }
    }
    if (failure !== undefined) throw failure;
  }
}
