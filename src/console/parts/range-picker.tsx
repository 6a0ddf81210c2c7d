import { RANGES, type TimeRange, formatLength, parseLength } from '../lib/range.ts';
import { localTime, now } from '../lib/time.tsx';

interface RangePickerProps {
  readonly range: TimeRange;
  readonly onChange: (range: TimeRange) => void;
}

/** Length and end of the time that is looked at, and steps to either side. */
export function RangePicker({ range, onChange }: RangePickerProps) {
  const { length, end } = range;
  const shift = (by: number) => {
    const moved = (end ?? now.peek()) + by;
    onChange({ length, end: moved >= Date.now() ? undefined : Math.round(moved) });
  };
  const lengths = new Set<string>(RANGES);
  lengths.add(formatLength(length));
  return (
    <div class="range-picker" role="group" aria-label="Time range">
      <button type="button" title="Earlier" aria-label="Earlier" onClick={() => shift(-length / 2)}>
        ‹
      </button>
      <select
        aria-label="Length"
        value={formatLength(length)}
        onChange={(event) => onChange({ length: parseLength(event.currentTarget.value), end })}
      >
        {[...lengths].map((text) => (
          <option key={text} value={text}>
            {text}
          </option>
        ))}
      </select>
      <button
        type="button"
        title="Later"
        aria-label="Later"
        disabled={end === undefined}
        onClick={() => shift(length / 2)}
      >
        ›
      </button>
      <button type="button" aria-pressed={end === undefined} onClick={() => onChange({ length, end: undefined })}>
        {end === undefined ? 'to now' : `to ${localTime(end)}`}
      </button>
    </div>
  );
}
