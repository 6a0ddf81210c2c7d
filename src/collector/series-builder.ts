import { Labels, compareUtf8, isLegacyLabelName, isLegacyMetricName } from '../model/labels.ts';
import { ScrapeError } from './scrape-error.ts';
import type { Relabeler } from '../relabel/relabel.ts';

const SHOWN = 200;
/** Length of a list from which insertion, which is quadratic, is no longer the fastest. */
const MANY = 128;

/** What turns the labels of a line into the labels of a series, the same for all lines of a target. */
export interface SeriesRules {
  /** `job`, `instance` and what target relabeling added. */
  readonly targetLabels: Labels;
  /** Whether a label of the page wins over one of the target; else it is kept as `exported_…`. */
  readonly honorLabels: boolean;
  readonly metricRelabel: Relabeler;
  /** Put on every series that has no such label of its own. */
  readonly identity: Labels;
  /** 0 is no limit; exceeding one fails the scrape, as in Prometheus. */
  readonly labelLimit: number;
  readonly labelNameLengthLimit: number;
  readonly labelValueLengthLimit: number;
  /** Whether names have to be of letters, digits, `_` and `:`. */
  readonly legacyNames: boolean;
}

/** Why a line that could be read has no series. */
export type LabelsFault = 'no_name' | 'not_legacy';

/**
 * The labels under which a line's series is known; undefined where relabeling drops it.
 * `flat` is `[name, value, …]` in any order, each name once, empty values among them, and is changed.
 * @throws {ScrapeError} `label_limit`
 */
export function buildLabels(flat: string[], rules: SeriesRules): Labels | LabelsFault | undefined {
  addTargetLabels(flat, rules);
  dropEmpty(flat);
  let labels = Labels.fromSorted(sortPairs(flat));
  if (!rules.metricRelabel.isEmpty) {
    const relabeled = rules.metricRelabel.apply(labels);
    if (typeof relabeled === 'number') return undefined;
    labels = relabeled;
    if (!labels.has('__name__')) return 'no_name';
  }
  if (rules.legacyNames && !hasLegacyNames(labels)) return 'not_legacy';
  checkLimits(labels, rules);
  for (const [name, value] of rules.identity.entries()) if (!labels.has(name)) labels = labels.with(name, value);
  return labels;
}

/** With `honor_labels`, an empty label of the page takes that of the target away: Pushgateway's `instance=""` relies on it. */
function addTargetLabels(flat: string[], { targetLabels, honorLabels }: SeriesRules): void {
  const own = flat.length;
  const target = targetLabels.flat;
  for (let t = 0; t < target.length; t += 2) {
    const at = nameAt(flat, target[t], own);
    if (at >= 0 && honorLabels) continue;
    if (at >= 0 && flat[at + 1] !== '') flat[at] = exportedName(flat, target[t], targetLabels);
    flat.push(target[t], target[t + 1]);
  }
}

function dropEmpty(flat: string[]): void {
  let kept = 0;
  for (let i = 0; i < flat.length; i += 2) {
    if (flat[i + 1] === '') continue;
    flat[kept] = flat[i];
    flat[kept + 1] = flat[i + 1];
    kept += 2;
  }
  flat.length = kept;
}

function nameAt(flat: readonly string[], name: string, end: number): number {
  for (let i = 0; i < end; i += 2) if (flat[i] === name) return i;
  return -1;
}

function exportedName(flat: readonly string[], name: string, targetLabels: Labels): string {
  let exported = `exported_${name}`;
  while (nameAt(flat, exported, flat.length) >= 0 || targetLabels.has(exported)) exported = `exported_${exported}`;
  return exported;
}

function hasLegacyNames({ flat }: Labels): boolean {
  for (let i = 0; i < flat.length; i += 2)
    if (flat[i] === '__name__' ? !isLegacyMetricName(flat[i + 1]) : !isLegacyLabelName(flat[i])) return false;
  return true;
}

/** Insertion sort: the pairs are few and mostly in order already. */
function sortPairs(flat: string[]): string[] {
  if (flat.length > MANY) return sortMany(flat);
  for (let i = 2; i < flat.length; i += 2) {
    const name = flat[i];
    const value = flat[i + 1];
    let j = i;
    for (; j > 0 && compareUtf8(flat[j - 2], name) > 0; j -= 2) {
      flat[j] = flat[j - 2];
      flat[j + 1] = flat[j - 1];
    }
    flat[j] = name;
    flat[j + 1] = value;
  }
  return flat;
}

function sortMany(flat: readonly string[]): string[] {
  const places = Array.from({ length: flat.length / 2 }, (_, i) => 2 * i);
  places.sort((a, b) => compareUtf8(flat[a], flat[b]));
  return places.flatMap((at) => [flat[at], flat[at + 1]]);
}

function checkLimits(labels: Labels, rules: SeriesRules): void {
  const { labelLimit, labelNameLengthLimit, labelValueLengthLimit } = rules;
  if (labelLimit > 0 && labels.size > labelLimit)
    throw new ScrapeError(
      'label_limit',
      `${cut(labels.toString())} has ${labels.size} labels, label_limit is ${labelLimit}`,
    );
  if (labelNameLengthLimit === 0 && labelValueLengthLimit === 0) return;
  for (const [name, value] of labels.entries()) {
    if (labelNameLengthLimit > 0 && Buffer.byteLength(name) > labelNameLengthLimit)
      throw new ScrapeError('label_limit', `label name ${cut(name)} is longer than ${labelNameLengthLimit} bytes`);
    if (labelValueLengthLimit > 0 && Buffer.byteLength(value) > labelValueLengthLimit)
      throw new ScrapeError(
        'label_limit',
        `a value of label ${cut(name)} is longer than ${labelValueLengthLimit} bytes`,
      );
  }
}

/** What exceeds a limit may be megabytes, and messages stay in the log and on pages. */
function cut(text: string): string {
  return text.length <= SHOWN ? text : `${text.slice(0, SHOWN)}…`;
}

/** A number for looking up equal labels; different labels may share one. */
export function hashLabels(labels: Labels): number {
  let hash = -2128831035;
  for (const part of labels.flat) {
    for (let i = 0; i < part.length; i++) hash = Math.imul(hash ^ part.charCodeAt(i), 16777619);
    hash = Math.imul(hash ^ 0xff, 16777619);
  }
  return hash;
}

export function sameLabels(a: Labels, b: Labels): boolean {
  return a.flat.length === b.flat.length && a.flat.every((part, i) => part === b.flat[i]);
}
