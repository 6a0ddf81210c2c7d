import type { LabelSet } from '../lib/api.ts';
import { clipped } from '../lib/text.ts';

interface LabelsProps {
  readonly labels: LabelSet;
  /** Names that stand elsewhere already. */
  readonly without?: readonly string[];
  /** Where a click on a label leads. */
  readonly link?: (name: string, value: string) => string;
}

/** Characters of a value that are shown; a click or the title gives more. */
const MOST = 300;

export function Labels({ labels, without = [], link }: LabelsProps) {
  const shown = Object.entries(labels).filter(([name]) => !without.includes(name));
  return (
    <span class="labels">
      {shown.map(([name, value]) => (
        <Label key={name} name={name} value={value} href={link?.(name, value)} />
      ))}
    </span>
  );
}

function Label({ name, value, href }: { name: string; value: string; href: string | undefined }) {
  const text = (
    <>
      <span class="label-name">{clipped(name, MOST)}</span>
      <span class="label-value">{clipped(value, MOST)}</span>
    </>
  );
  const title = clipped(`${name} = ${value}`, 2000);
  if (href === undefined)
    return (
      <span class="label" title={value.length > MOST ? title : undefined}>
        {text}
      </span>
    );
  return (
    <a class="label" href={href} title={title}>
      {text}
    </a>
  );
}
