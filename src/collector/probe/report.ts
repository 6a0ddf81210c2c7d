import { FamilySet } from '../node/family-set.ts';
import { PageWriter } from '../node/page-writer.ts';

/** The gauges of one probe, under blackbox_exporter's names and help texts; a later value takes the place of an earlier one. */
export class ProbeReport {
  readonly #values = new Map<string, { name: string; help: string; labels: Record<string, string>; value: number }>();

  set(name: string, help: string, value: number, labels: Record<string, string> = {}): void {
    this.#values.set(`${name} ${JSON.stringify(labels)}`, { name, help, labels, value });
  }

  /** Adds to a gauge that may be there already: phases add up over redirects. */
  add(name: string, help: string, value: number, labels: Record<string, string> = {}): void {
    const before = this.#values.get(`${name} ${JSON.stringify(labels)}`)?.value ?? 0;
    this.set(name, help, before + value, labels);
  }

  /** The page in the text format. */
  text(): string {
    const families = new FamilySet();
    for (const { name, help, labels, value } of this.#values.values()) families.gauge(name, help, labels, value);
    const page = new PageWriter();
    families.writeTo(page);
    return page.bytes().toString();
  }
}

/** Why a probe failed; the page says only that it did, `debug` tells the reason. */
export class ProbeFailure extends Error {}
