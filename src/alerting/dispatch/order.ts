import { type Labels, compareUtf8 } from '../../model/labels.ts';

/** The order of alerts in a notification, as Alertmanager has it: by job, by instance, then by all labels (source: alert/alert.go). */
export function compareAlerts(a: { readonly labels: Labels }, b: { readonly labels: Labels }): number {
  for (const name of ['job', 'instance']) {
    const [left, right] = [a.labels.get(name), b.labels.get(name)];
    if (left === right) continue;
    if (left === '') return 1;
    if (right === '') return -1;
    return compareUtf8(left, right);
  }
  return compareLabelSets(a.labels, b.labels);
}

/** Fewer labels first (source: prometheus/common model/labelset.go, Before). */
export function compareLabelSets(a: Labels, b: Labels): number {
  if (a.size !== b.size) return a.size - b.size;
  const names = [...new Set([...a.entries(), ...b.entries()].map(([name]) => name))].sort(compareUtf8);
  for (const name of names) {
    if (!a.has(name)) return -1;
    if (!b.has(name)) return 1;
    const order = compareUtf8(a.get(name), b.get(name));
    if (order !== 0) return order;
  }
  return 0;
}
