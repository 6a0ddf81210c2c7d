import type { LabelSet } from '../lib/api.ts';

interface LabelsProps {
  readonly labels: LabelSet;
  /** Names that stand elsewhere already. */
  readonly without?: readonly string[];
  /** Where a click on a label leads. */
  readonly link?: (name: string, value: string) => string;
}

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
      <span class="label-name">{name}</span>
      <span class="label-value">{value}</span>
    </>
  );
  if (href === undefined) return <span class="label">{text}</span>;
  return (
    <a class="label" href={href} title={`${name} = ${value}`}>
      {text}
    </a>
  );
}
