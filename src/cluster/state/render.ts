import { formatG } from '../../model/float-text.ts';
import type { KubeObject } from '../../model/kubernetes.ts';
import type { Allowed, Family, ResourceTable } from './family.ts';

/** The lines of one object, family after family in one buffer. */
export interface Rendered {
  readonly bytes: Buffer;
  /** Where the lines of each family end. */
  readonly ends: Uint32Array;
}

export function renderObject(
  { identify }: ResourceTable,
  families: readonly Family[],
  allowed: Allowed,
  object: KubeObject,
): Rendered {
  const identity = labelsText(identify(object));
  const texts = families.map((family) => linesOf(family, identity, family.series(object, allowed)));
  const ends = new Uint32Array(texts.length);
  let end = 0;
  texts.forEach((text, index) => {
    end += Buffer.byteLength(text);
    ends[index] = end;
  });
  return { bytes: Buffer.from(texts.join('')), ends };
}

/** `# HELP` and `# TYPE` of a family. */
export function headOf({ name, help, type, stable }: Family): string {
  return `# HELP ${name} ${stable ? '[STABLE] ' : ''}${help}\n# TYPE ${name} ${type}\n`;
}

function linesOf({ name }: Family, identity: string, series: ReturnType<Family['series']>): string {
  let lines = '';
  for (const { labels, value } of series) {
    const own = labelsText(labels);
    lines += `${name}{${identity}${own === '' ? '' : `,${own}`}} ${formatG(value)}\n`;
  }
  return lines;
}

function labelsText(labels: Readonly<Record<string, string>>): string {
  let text = '';
  for (const name in labels) text += `${text === '' ? '' : ','}${name}="${escape(labels[name])}"`;
  return text;
}

const SPECIAL = /[\\"\n]/g;

function escape(value: string): string {
  return value.replaceAll(SPECIAL, (character) => (character === '\n' ? String.raw`\n` : `\\${character}`));
}
