/** SI prefixes from 10⁻⁹ to 10¹⁵, a thousand apart. */
const PREFIXES = ['n', 'µ', 'm', '', 'k', 'M', 'G', 'T', 'P'];

/** A value as people write it: `0.3`, `85`, `34.36 G`; four digits that count, whole numbers below a million in full. */
export function humanValue(value: number): string {
  if (!Number.isFinite(value)) return Number.isNaN(value) ? '' : value > 0 ? '+Inf' : '-Inf';
  const size = Math.abs(value);
  if (Number.isInteger(value) && size < 1e6) return String(value);
  if (size >= 0.001 && size < 1e4) return String(Number(value.toPrecision(4)));
  const power = Math.floor(Math.log10(size) / 3);
  const prefix = PREFIXES[power + 3];
  if (prefix === undefined) return String(Number(value.toPrecision(4)));
  return `${Number((value / 1000 ** power).toPrecision(4))} ${prefix}`.trim();
}

const segmenter = new Intl.Segmenter('en', { granularity: 'grapheme' });

/** At most `max` UTF-16 units, cut between characters as people see them, with `…` where something is missing. */
export function cutText(text: string, max: number): string {
  if (text.length <= max) return text;
  let kept = '';
  for (const { segment } of segmenter.segment(text.slice(0, max + 64))) {
    if (kept.length + segment.length > max - 1) break;
    kept += segment;
  }
  return `${kept}…`;
}

/** Without control characters but line breaks and tabs: a label must not move a terminal's cursor. */
export function withoutControls(text: string): string {
  // eslint-disable-next-line no-control-regex
  return text.replaceAll(/[\u0000-\u0008\u000b-\u001f\u007f-\u009f]/g, '');
}

/** `2 h 5 min` */
export function formatSpan(ms: number): string {
  const seconds = Math.max(0, Math.round(ms / 1000));
  if (seconds < 60) return `${seconds} s`;
  const minutes = Math.floor(seconds / 60);
  if (minutes < 60) return `${minutes} min`;
  const hours = Math.floor(minutes / 60);
  return hours < 24 ? `${hours} h ${minutes % 60} min` : `${Math.floor(hours / 24)} d ${hours % 24} h`;
}
