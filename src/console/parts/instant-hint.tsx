/** A link to the instant view, for expressions that have no values over time. */
export function InstantHint({ error, link }: { error: string; link: string | undefined }) {
  if (link === undefined || !/invalid expression type "(range vector|string)"/.test(error)) return null;
  return (
    <p>
      A range vector or a string cannot be drawn over time. <a href={link}>Show its values at one time</a>
    </p>
  );
}
