const NEWLINE = 0x0a;

/** A line that cannot be used. It would come again if the stream were read again from there. */
export class BadLineError extends Error {}

/**
 * The JSON values of a stream, one a line.
 * @throws {BadLineError} for a line that is no JSON or longer than `maxBytes`; another error where the stream ends within a line
 */
export async function* jsonLines(
  stream: AsyncIterable<Buffer>,
  maxBytes: number,
  onBytes: () => void = () => {},
): AsyncGenerator<unknown, void, undefined> {
  let begun: Buffer[] = [];
  let length = 0;
  for await (const chunk of stream) {
    onBytes();
    let from = 0;
    for (let end = chunk.indexOf(NEWLINE); end >= 0; end = chunk.indexOf(NEWLINE, from)) {
      const rest = chunk.subarray(from, end);
      const line = begun.length === 0 ? rest : Buffer.concat([...begun, rest]);
      from = end + 1;
      begun = [];
      length = 0;
      if (line.length > maxBytes) throw tooLong(maxBytes);
      if (line.length > 0) yield parse(line);
    }
    if (from === chunk.length) continue;
    begun.push(chunk.subarray(from));
    length += chunk.length - from;
    if (length > maxBytes) throw tooLong(maxBytes);
  }
  if (length > 0) throw new Error('the answer ended within a line');
}

function parse(line: Buffer): unknown {
  try {
    return JSON.parse(line.toString('utf8'));
  } catch {
    throw new BadLineError(`no JSON: ${JSON.stringify(line.toString('utf8', 0, 100))}`);
  }
}

function tooLong(maxBytes: number): BadLineError {
  return new BadLineError(`a line longer than ${maxBytes} bytes`);
}
