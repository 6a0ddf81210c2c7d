/** Colours that the style sheet names; series behind them get hues of their own. */
const NAMED = 8;

/** Degrees between the hues of neighbours: the golden angle never comes round to the same hue. */
const TURN = 137.508;

/** The CSS colour of a series, shared by its line and its place in the legend. */
export function colourOf(index: number): string {
  if (index < NAMED) return `var(--series-${index})`;
  return `hsl(${Math.round((index * TURN) % 360)}deg 62% var(--series-light))`;
}

/** Every sixteen series the strokes change too, so that neighbours in hue differ: solid, dashed, dotted, mixed. */
export function dashOf(index: number): number[] {
  return [[], [8, 4], [2, 3], [10, 3, 2, 3]][Math.floor(index / 16) % 4];
}
