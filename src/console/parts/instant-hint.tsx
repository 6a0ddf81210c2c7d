/** Where an expression has values at one time only, the way to them. */
export function InstantHint({ error, link }: { error: string; link: string | undefined }) {
  if (link === undefined || !/invalid expression type "(range vector|string)"/.test(error)) return null;
  return (
    <p>
      A range vector or a string cannot be drawn over time. <a href={link}>Show its values at one time</a>
    </p>
  );
}
