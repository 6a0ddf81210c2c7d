import { expect, test } from 'vitest';
import { abortableQuery } from './abortable-query.ts';

test('a store that hangs and ignores the signal is left when the signal aborts', async () => {
  const stop = new AbortController();
  const answer = abortableQuery(() => new Promise(() => {}))('up', 0, stop.signal);
  stop.abort(new Error('too late'));
  await expect(answer).rejects.toThrow('too late');
});

test('after the abort nothing is asked any more', async () => {
  let asked = 0;
  const query = abortableQuery(async () => {
    asked++;
    return { samples: [], warnings: [], infos: [] };
  });
  await expect(query('up', 0, AbortSignal.abort())).rejects.toThrow();
  expect(asked).toBe(0);
  expect(await query('up', 0, new AbortController().signal)).toEqual({ samples: [], warnings: [], infos: [] });
});
