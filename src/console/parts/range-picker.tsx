import { useRef } from 'preact/hooks';
import { RANGES, type TimeRange, formatLength, parseLength, rangeBetween } from '../lib/range.ts';
import { fieldOfTime, inUtc, localTime, now, timeOfField } from '../lib/time.tsx';

interface RangePickerProps {
  readonly range: TimeRange;
  readonly onChange: (range: TimeRange) => void;
}

/** Length and end of the time that is looked at, steps to either side, a custom start and end, and the zone. */
export function RangePicker({ range, onChange }: RangePickerProps) {
  const { length, end } = range;
  const shift = (by: number) => {
    const moved = (end ?? now.peek()) + by;
    onChange({ length, end: moved >= Date.now() ? undefined : Math.max(0, Math.round(moved)) });
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
        to now
      </button>
      <Absolute range={range} onChange={onChange} />
      <button
        type="button"
        aria-pressed={inUtc.value}
        title="Show times in UTC"
        onClick={() => (inUtc.value = !inUtc.value)}
      >
        UTC
      </button>
    </div>
  );
}

/** From one time to another, as people write dates. */
function Absolute({ range: { length, end }, onChange }: RangePickerProps) {
  const menu = useRef<HTMLDetailsElement>(null);
  const from = useRef<HTMLInputElement>(null);
  const to = useRef<HTMLInputElement>(null);
  const last = end ?? now.peek();
  const apply = (event: Event) => {
    event.preventDefault();
    const times = [from, to].map((field) => timeOfField(field.current?.value ?? ''));
    const fault = times.some(Number.isNaN)
      ? 'Both times are needed.'
      : times[0] >= times[1]
        ? 'The first time must be before the second.'
        : '';
    to.current?.setCustomValidity(fault);
    if (fault !== '') return void to.current?.reportValidity();
    if (menu.current !== null) menu.current.open = false;
    onChange(rangeBetween(times[0], times[1]));
  };
  return (
    <details class="menu absolute" ref={menu}>
      <summary>{end === undefined ? 'from … to …' : `to ${localTime(end)}`}</summary>
      {/* Other times are other fields: what was typed for the old ones is gone. */}
      <form key={`${length} ${end} ${inUtc.value}`} onSubmit={apply} noValidate>
        <label>
          from
          <input ref={from} type="datetime-local" step={1} defaultValue={fieldOfTime(Math.max(0, last - length))} />
        </label>
        <label>
          to
          <input
            ref={to}
            type="datetime-local"
            step={1}
            defaultValue={fieldOfTime(last)}
            onInput={(event) => event.currentTarget.setCustomValidity('')}
          />
        </label>
        <button type="submit" class="primary">
          Show
        </button>
        <span class="quiet">{inUtc.value ? 'UTC' : Intl.DateTimeFormat().resolvedOptions().timeZone}</span>
      </form>
    </details>
  );
}
