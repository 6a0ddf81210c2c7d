import { useRef, useState } from 'preact/hooks';
import { type LogVolume as Volume, api } from '../lib/api.ts';
import { plural } from '../lib/format.ts';
import { usePoll } from '../lib/poll.ts';
import { localTime } from '../lib/time.tsx';
import { useWidth } from './use-width.ts';

interface LogVolumeProps {
  readonly query: string;
  readonly time: { readonly start: number; readonly end: number };
  readonly onZoom: (start: number, end: number) => void;
}

/** From the bottom up: the most severe level is at the bottom, where bars compare best. */
const LEVELS = ['fatal', 'error', 'warn', 'info', 'debug', 'trace', ''] as const;

const HEIGHT = 72;

/** How many records there are over time, by level; a part that is drawn over with the mouse becomes the time. */
export function LogVolume({ query, time: { start, end }, onZoom }: LogVolumeProps) {
  const box = useRef<HTMLDivElement>(null);
  const width = useWidth(box);
  const buckets = Math.max(20, Math.min(120, Math.floor(width / 8)));
  const { data } = usePoll(
    async (signal) => (width === 0 ? undefined : api.logVolume({ query, start, end, buckets }, signal)),
    0,
    [query, start, end, width === 0, buckets],
  );
  return (
    <div ref={box} class="log-volume">
      {data !== undefined && data !== null && data.total > 0 && <Bars volume={data} width={width} onZoom={onZoom} />}
    </div>
  );
}

function Bars({ volume, width, onZoom }: { volume: Volume; width: number } & Pick<LogVolumeProps, 'onZoom'>) {
  const { start, step, levels, total } = volume;
  const [from, setFrom] = useState<number | undefined>();
  const [at, setAt] = useState<number | undefined>();
  const shown = LEVELS.filter((level) => levels[level] !== undefined);
  const count = Math.max(0, ...shown.map((level) => levels[level]?.length ?? 0));
  const sums = Array.from({ length: count }, (_, i) =>
    shown.reduce((sum, level) => sum + (levels[level]?.[i] ?? 0), 0),
  );
  const most = Math.max(1, ...sums);
  const bar = width / Math.max(1, count);
  const placeOf = (event: PointerEvent) => {
    const { left } = (event.currentTarget as Element).getBoundingClientRect();
    return Math.max(0, Math.min(count - 1, Math.floor((event.clientX - left) / bar)));
  };
  const release = (event: PointerEvent) => {
    const to = placeOf(event);
    if (from !== undefined && to !== from)
      onZoom(start + Math.min(from, to) * step, start + (Math.max(from, to) + 1) * step);
    setFrom(undefined);
  };
  const byLevel = shown.map((level) => {
    const sum = levels[level]?.reduce((a, b) => a + b, 0) ?? 0;
    return `${level === '' ? 'no level' : level} ${sum}`;
  });
  return (
    <>
      <p class="note">
        {at === undefined
          ? `${plural(total, 'record')}: ${byLevel.join(', ')}`
          : `${localTime(start + at * step)}: ${plural(sums[at], 'record')}`}
      </p>
      <svg
        width={width}
        height={HEIGHT}
        role="img"
        aria-label={`Records over time: ${byLevel.join(', ')}`}
        onPointerDown={(event) => setFrom(placeOf(event))}
        onPointerMove={(event) => setAt(placeOf(event))}
        onPointerUp={release}
        onPointerLeave={() => (setAt(undefined), setFrom(undefined))}
      >
        {from !== undefined && at !== undefined && (
          <rect
            class="brush"
            x={Math.min(from, at) * bar}
            y={0}
            width={(Math.abs(at - from) + 1) * bar}
            height={HEIGHT}
          />
        )}
        {sums.map((_, i) => {
          let base = HEIGHT;
          return shown.map((level) => {
            const height = ((levels[level]?.[i] ?? 0) / most) * (HEIGHT - 2);
            base -= height;
            if (height === 0) return null;
            const tall = Math.max(1, height);
            return (
              <rect
                key={`${i}${level}`}
                class={`level-${level === '' ? 'none' : level}`}
                x={i * bar}
                y={base}
                width={Math.max(1, bar - 1)}
                height={tall}
              />
            );
          });
        })}
      </svg>
    </>
  );
}
