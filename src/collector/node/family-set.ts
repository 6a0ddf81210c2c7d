import { type PageWriter, labelText } from './page-writer.ts';

type Type = 'counter' | 'gauge' | 'untyped';

interface Family {
  readonly type: Type;
  readonly help: string;
  readonly samples: [labels: string, value: number][];
}

/** Samples gathered device by device, written family by family, as a page wants them. */
export class FamilySet {
  readonly #families = new Map<string, Family>();

  gauge(name: string, help: string, labels: Readonly<Record<string, string>>, value: number | undefined): void {
    this.add(name, 'gauge', help, labels, value);
  }

  counter(name: string, help: string, labels: Readonly<Record<string, string>>, value: number | undefined): void {
    this.add(name, 'counter', help, labels, value);
  }

  /** Adds a sample; undefined, which is what a missing file reads as, adds none. */
  add(
    name: string,
    type: Type,
    help: string,
    labels: Readonly<Record<string, string>>,
    value: number | undefined,
  ): void {
    if (value === undefined) return;
    let family = this.#families.get(name);
    if (family === undefined) this.#families.set(name, (family = { type, help, samples: [] }));
    family.samples.push([labelText(labels), value]);
  }

  writeTo(page: PageWriter): void {
    for (const [name, { type, help, samples }] of this.#families) {
      page.family(name, type, help);
      for (const [labels, value] of samples) page.sample(name, labels, value);
    }
  }
}
