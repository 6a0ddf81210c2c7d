export interface ServerEvent {
  readonly name: string;
  readonly data: string;
}

/** Events of a `text/event-stream` as they come: `event:` and `data:` lines up to an empty one; comments are left out. */
export async function* readEvents(body: ReadableStream<Uint8Array>): AsyncGenerator<ServerEvent> {
  const reader = body.getReader();
  const decoder = new TextDecoder();
  let pending: string[] = [];
  let name = 'message';
  let data: string[] = [];
  try {
    for (;;) {
      const { value, done } = await reader.read();
      if (done) return;
      const pieces = decoder.decode(value, { stream: true }).split('\n');
      // A line may come in many reads: its parts are joined once, when its end is there.
      for (const [i, piece] of pieces.entries()) {
        pending.push(piece);
        if (i === pieces.length - 1) break;
        const line = pending.join('');
        pending = [];
        if (line.startsWith('event:')) name = line.slice(6).trim();
        if (line.startsWith('data:')) data.push(line.slice(5).replace(/^ /, ''));
        if (line !== '') continue;
        if (data.length > 0) yield { name, data: data.join('\n') };
        name = 'message';
        data = [];
      }
    }
  } finally {
    await reader.cancel().catch(() => undefined);
  }
}
