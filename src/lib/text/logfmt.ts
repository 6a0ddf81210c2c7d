/** A JSON line of the log as logfmt, as Alertmanager and Prometheus write theirs: `time=… level=INFO msg="Listening on" address=…`. */
export function toLogfmt(line: string): string {
  let record: Record<string, unknown>;
  try {
    record = JSON.parse(line) as Record<string, unknown>;
  } catch {
    return line;
  }
  const { time, level, msg, ...rest } = record;
  const head = { time, level: String(level).toUpperCase(), msg };
  const pairs = Object.entries({ ...head, ...rest }).filter(([, value]) => value !== undefined);
  return `${pairs.map(([key, value]) => `${key.replaceAll(/[\s="]/g, '_')}=${valueOf(value)}`).join(' ')}\n`;
}

function valueOf(value: unknown): string {
  const text = typeof value === 'string' ? value : JSON.stringify(value);
  // eslint-disable-next-line no-control-regex
  return /^[^\s="\\\u0000-\u001f\u007f]+$/.test(text) ? text : JSON.stringify(text);
}
