/** Collects an option that may be given several times. */
export function repeatable(value: string, known: readonly string[] | undefined): string[] {
  return [...(known ?? []), value];
}

/** The examples below a command's help. */
export function examples(...lines: string[]): string {
  return `\nExamples:\n${lines.map((line) => `  $ crowsnest ${line}`).join('\n')}\n`;
}
