import { useEffect, useRef, useState } from 'preact/hooks';
import type { ActiveAlert } from '../lib/api.ts';
import { sentenceOf } from '../lib/alerts.ts';
import { fingerprintOf } from '../lib/fingerprint.ts';
import { plural } from '../lib/format.ts';
import { clipped } from '../lib/text.ts';

/** Announces alerts that began to fire since the last poll, politely: a screen reader ends its sentence first. */
export function Announcer({ firing, known }: { firing: readonly ActiveAlert[]; known: boolean }) {
  const before = useRef<ReadonlySet<string> | undefined>(undefined);
  const [text, setText] = useState('');
  useEffect(() => {
    if (!known) return;
    const names = new Set(firing.map(({ labels }) => fingerprintOf(labels)));
    const fresh = firing.filter(({ labels }) => before.current?.has(fingerprintOf(labels)) === false);
    before.current = names;
    if (fresh.length === 0) return;
    const [{ annotations, labels }] = fresh;
    const sentence = clipped(sentenceOf(annotations, labels.alertname ?? ''), 200);
    setText(
      fresh.length === 1 ? `New alert: ${sentence}` : `${plural(fresh.length, 'new alert')}, such as ${sentence}`,
    );
  }, [firing.map(({ labels }) => fingerprintOf(labels)).join(), known]);
  return (
    <div class="unseen" role="status" aria-live="polite">
      {text}
    </div>
  );
}
