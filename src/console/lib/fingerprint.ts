const OFFSET = 14_695_981_039_346_656_037n;
const PRIME = 1_099_511_628_211n;
const MASK = 0xffff_ffff_ffff_ffffn;
const SEPARATOR = 255n;

/** Fingerprints by label set: answers repeat the same alerts every few seconds. */
const known = new Map<string, string>();
const MOST_KNOWN = 5000;

const encoder = new TextEncoder();

/** 16 hex digits of FNV-1a over the sorted labels, as Alertmanager names an alert (source: prometheus/common model/signature.go). */
export function fingerprintOf(labels: Readonly<Record<string, string>>): string {
  // A label without a value is no label.
  const pairs = Object.entries(labels).filter(([, value]) => value !== '');
  const bytes = pairs.map(([name, value]) => [name, value]).sort(([a], [b]) => compareBytes(a, b));
  const key = JSON.stringify(bytes);
  const before = known.get(key);
  if (before !== undefined) return before;
  const fingerprint = compute(bytes.flat());
  if (known.size >= MOST_KNOWN) known.clear();
  known.set(key, fingerprint);
  return fingerprint;
}

function compute(parts: readonly string[]): string {
  let hash = OFFSET;
  for (const part of parts) {
    for (const byte of encoder.encode(part)) hash = ((hash ^ BigInt(byte)) * PRIME) & MASK;
    hash = ((hash ^ SEPARATOR) * PRIME) & MASK;
  }
  return hash.toString(16).padStart(16, '0');
}

function compareBytes(a: string, b: string): number {
  const [left, right] = [encoder.encode(a), encoder.encode(b)];
  for (let i = 0; i < Math.min(left.length, right.length); i++) {
    const by = left[i] - right[i];
    if (by !== 0) return by;
  }
  return left.length - right.length;
}
