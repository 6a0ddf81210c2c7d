import type { Labels } from '../model/labels.ts';

const OFFSET = 14_695_981_039_346_656_037n;
const PRIME = 1_099_511_628_211n;
const MASK = 0xffff_ffff_ffff_ffffn;
const SEPARATOR = 255n;

/** An alert keeps its labels for as long as it lives, and is named at every evaluation. */
const known = new WeakMap<Labels, string>();

/** 16 hex digits of FNV-1a over the sorted labels, as Alertmanager names an alert (source: prometheus/common model/signature.go). */
export function fingerprintOf(labels: Labels): string {
  const before = known.get(labels);
  if (before !== undefined) return before;
  const fingerprint = compute(labels);
  known.set(labels, fingerprint);
  return fingerprint;
}

function compute(labels: Labels): string {
  let hash = OFFSET;
  for (const part of labels.flat) {
    for (const byte of Buffer.from(part)) hash = ((hash ^ BigInt(byte)) * PRIME) & MASK;
    hash = ((hash ^ SEPARATOR) * PRIME) & MASK;
  }
  return hash.toString(16).padStart(16, '0');
}
