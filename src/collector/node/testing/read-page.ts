/** What a page says: samples by series text, labels sorted; help and type by family. */
export interface ReadPage {
  readonly samples: ReadonlyMap<string, number>;
  readonly families: ReadonlyMap<string, string>;
}

/** Reads a well-formed page the plain way, for comparing; a label without a value is no label. */
export function readPage(text: string): ReadPage {
  const samples = new Map<string, number>();
  const families = new Map<string, string>();
  for (const line of text.split('\n')) {
    const comment = /^# (HELP|TYPE) (\S+) ?(.*)$/.exec(line);
    if (comment !== null) families.set(`${comment[1]} ${comment[2]}`, comment[3]);
    const sample = /^([a-zA-Z_:][\w:]*)(?:\{(.*)\})? (\S+)(?: \d+)?$/.exec(line);
    if (sample === null) continue;
    const labels = [...(sample[2] ?? '').matchAll(/(\w+)="((?:[^"\\]|\\.)*)"/g)]
      .filter(([, , value]) => value !== '')
      .map(([whole]) => whole)
      .sort();
    samples.set(`${sample[1]}{${labels.join(',')}}`, Number(sample[3].replace('Inf', 'Infinity')));
  }
  return { samples, families };
}

export function nameOf(series: string): string {
  return series.slice(0, series.indexOf('{'));
}
