import { useEffect, useRef } from 'preact/hooks';
import type uPlot from 'uplot';
import { colourOf, dashOf } from '../lib/colours.ts';
import { shortNumber } from '../lib/format.ts';
import { type ChartData, stacked } from '../lib/series.ts';
import { formats, inUtc } from '../lib/time.tsx';

interface ChartProps {
  readonly data: ChartData;
  readonly width: number;
  readonly height: number;
  readonly limit: number | undefined;
  /** Areas one upon the other rather than lines. */
  readonly stack: boolean;
  /** What is drawn, for those who do not see it. */
  readonly label: string;
  /** The one series that is drawn alone. */
  readonly chosen: number | undefined;
  readonly onCursor: (index: number | undefined) => void;
  readonly onZoom: ((start: number, end: number) => void) | undefined;
}

/** A line chart. uPlot is fetched when the first one is drawn. */
export function Chart(props: ChartProps) {
  const host = useRef<HTMLDivElement>(null);
  const plot = useRef<uPlot | undefined>(undefined);
  const latest = useRef(props);
  latest.current = props;
  const { data, width, height, limit, chosen, stack, label } = props;
  const shape = data.series.map(({ labels }) => JSON.stringify(labels)).join();
  const zone = inUtc.value;

  useEffect(() => {
    let gone = false;
    const draw = async () => {
      const { default: UPlot } = await import('uplot');
      if (gone || host.current === null) return;
      const options = optionsOf(latest.current, host.current, {
        setCursor: [({ cursor }) => latest.current.onCursor(cursor.idx ?? undefined)],
        setSelect: [(drawn) => zoom(drawn, latest.current.onZoom)],
      });
      plot.current = new UPlot(options, columns(latest.current), host.current);
      choose(plot.current, latest.current.chosen);
    };
    void draw();
    const dark = matchMedia('(prefers-color-scheme: dark)');
    const redraw = () => plot.current?.redraw();
    dark.addEventListener('change', redraw);
    return () => {
      gone = true;
      dark.removeEventListener('change', redraw);
      plot.current?.destroy();
      plot.current = undefined;
    };
  }, [shape, limit, stack, zone]);

  useEffect(() => plot.current?.setData(columns(latest.current)), [data]);
  useEffect(() => plot.current?.setSize({ width, height }), [width, height]);
  useEffect(() => choose(plot.current, chosen), [chosen]);

  return <div ref={host} class="chart" role="img" aria-label={label} />;
}

/** What has no place on a scale, an infinity or NaN, is a gap in the line; the legend names it. */
function columns({ data, stack }: ChartProps): uPlot.AlignedData {
  if (stack) return [[...data.times], ...stacked(data)];
  const drawn = (value: number | null) => (value !== null && Number.isFinite(value) ? value : null);
  return [[...data.times], ...data.series.map(({ values }) => values.map(drawn))];
}

function choose(plot: uPlot | undefined, chosen: number | undefined): void {
  if (plot === undefined) return;
  plot.batch(() => {
    for (let i = 1; i < plot.series.length; i++) plot.setSeries(i, { show: chosen === undefined || chosen === i - 1 });
  });
}

function optionsOf(
  { data, width, height, limit, stack }: ChartProps,
  host: HTMLElement,
  hooks: uPlot.Hooks.Arrays,
): uPlot.Options {
  const style = () => getComputedStyle(host);
  const colour = (name: string) => () => style().getPropertyValue(name).trim();
  const axis = {
    stroke: colour('--quiet'),
    font: '11px ui-sans-serif, system-ui, sans-serif',
    grid: { stroke: colour('--line'), width: 1 },
    ticks: { show: false },
  };
  const one = data.series.length === 1;
  const ink = (index: number) => () => resolved(colourOf(index), style());
  return {
    width,
    height,
    legend: { show: false },
    padding: [8, 8, 0, 0],
    cursor: {
      sync: { key: 'range' },
      points: { size: 6 },
      drag: { x: true, y: false, setScale: false },
      focus: { prox: 24 },
    },
    focus: { alpha: 0.25 },
    scales: { y: { range: (_, low, high) => paddedRange(low, high, limit) } },
    axes: [
      { ...axis, space: 80, size: 28, values: axisTimes() },
      { ...axis, size: 48, values: (_, splits) => splits.map(shortNumber) },
    ],
    series: [
      {},
      ...data.series.map(({ index }) => ({
        stroke: ink(index),
        width: 1.5,
        dash: dashOf(index),
        fill: stack ? () => translucent(ink(index)()) : one ? colour('--series-fill') : undefined,
        points: { show: data.times.length < 12 },
        spanGaps: false,
      })),
    ],
    bands: stack ? data.series.slice(1).map((_, i) => ({ series: [i + 2, i + 1] as [number, number] })) : [],
    hooks: {
      ...hooks,
      draw: limit === undefined ? [] : [(plot) => drawLimit(plot, limit, style().getPropertyValue('--bad'))],
    },
  };
}

/** Reads colours from the style sheet, as a canvas cannot use its variables. */
function resolved(colour: string, style: CSSStyleDeclaration): string {
  return colour.replace(/var\((--[\w-]+)\)/, (_, name: string) => style.getPropertyValue(name).trim());
}

function translucent(colour: string): string {
  return `color-mix(in srgb, ${colour} 35%, transparent)`;
}

function zoom(plot: uPlot, onZoom: ChartProps['onZoom']): void {
  const { left, width } = plot.select;
  if (width < 4) return;
  plot.setSelect({ left: 0, top: 0, width: 0, height: 0 }, false);
  onZoom?.(plot.posToVal(left, 'x') * 1000, plot.posToVal(left + width, 'x') * 1000);
}

/** Returns the bounds of the scale: with zero where it is near, and with a margin, so that small changes look small. */
function paddedRange(low: number | null, high: number | null, limit: number | undefined): [number, number] {
  let bottom = Math.min(low ?? 0, limit ?? Infinity);
  let top = Math.max(high ?? 1, limit ?? -Infinity);
  if (bottom > 0 && bottom < top * 0.6) bottom = 0;
  if (bottom === top) {
    bottom = bottom > 0 ? 0 : bottom - 1;
    top += top === 0 ? 1 : Math.abs(top) * 0.1;
  }
  const air = (top - bottom) * 0.06;
  return [bottom === 0 ? 0 : bottom - air, top + air];
}

function axisTimes(): uPlot.Axis['values'] {
  const { minutes, clock, date } = formats();
  return (_, splits, _axis, _space, increment) =>
    splits.map((split, i) => {
      const at = new Date(split * 1000);
      const newDay = i === 0 || date.format(new Date(splits[i - 1] * 1000)) !== date.format(at);
      if (increment >= 86_400 || (newDay && minutes.format(at) === '00:00')) return date.format(at);
      return (increment < 60 ? clock : minutes).format(at);
    });
}

function drawLimit(plot: uPlot, limit: number, colour: string): void {
  const { ctx, bbox } = plot;
  const y = Math.round(plot.valToPos(limit, 'y', true));
  ctx.save();
  ctx.strokeStyle = colour.trim();
  ctx.setLineDash([6, 4]);
  ctx.lineWidth = devicePixelRatio;
  ctx.beginPath();
  ctx.moveTo(bbox.left, y);
  ctx.lineTo(bbox.left + bbox.width, y);
  ctx.stroke();
  ctx.restore();
}
