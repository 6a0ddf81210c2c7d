import { formatDuration } from '../../lib/time/duration.ts';
import type { ExplainedStep, Explanation } from './explain.ts';
import type { LabelFlow } from './label-flow.ts';
import { documentedType } from '../syntax/value-type.ts';

/** An explanation as lines for a terminal. */
export function renderExplanation({ expression, type, steps, labels, cost, hints }: Explanation): string {
  const lines = [expression, '', `Gives: ${documentedType(type)}`];
  if (steps.length > 0) lines.push('', 'Steps:', ...steps.map(renderStep));
  lines.push('', `Labels: ${renderLabels(labels)}`, `Cost: ${renderCost(cost)}`);
  if (hints.length > 0) lines.push('', 'Look again:', ...hints.map((hint) => `  - ${hint}`));
  return lines.join('\n');
}

function renderStep({ number, words, inputs }: ExplainedStep): string {
  // The usual case, the step right before, needs no mention.
  const chained = inputs.length === 0 || (inputs.length === 1 && inputs[0] === number - 1);
  return `  ${number}. ${words}${chained ? '' : `  [of ${inputs.join(' and ')}]`}`;
}

/** What the result's series are told apart by, in words. */
export function renderLabels({ open, labels, fixed, dropped }: LabelFlow): string {
  const named = labels.map((label) =>
    fixed[label] === undefined ? label : `${label}=${JSON.stringify(fixed[label])}`,
  );
  if (!open) return named.length === 0 ? 'none' : `only ${named.join(', ')}`;
  const known = named.length === 0 ? '' : `; among them ${named.join(', ')}`;
  const without = dropped.length === 0 ? 'all of the series' : `all of the series but ${dropped.join(', ')}`;
  return without + known;
}

function renderCost({ selectors, evaluations, samplesPerSeries, samplesVisited, reach }: Explanation['cost']): string {
  if (selectors === 0) return 'reads nothing';
  const read = `${counted(selectors, 'selector')}, about ${counted(samplesPerSeries, 'sample')} read per series`;
  const visited =
    evaluations === 1 ? '' : `, ${counted(samplesVisited, 'sample')} gone through in ${evaluations} evaluations`;
  return `${read}${visited}, data from ${formatDuration(Math.max(0, Math.round(reach)))} before the start`;
}

function counted(count: number, what: string): string {
  return `${count} ${what}${count === 1 ? '' : 's'}`;
}
