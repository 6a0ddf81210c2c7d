import type { LogBatch, ShipLogs, ShipOutcome } from '../../model/log.ts';

/**
 * Ships to several places: a batch is accepted when all have accepted it, and is offered again only to those that have not.
 * Of the outcomes the first place's is told, with what any refused.
 */
export function fanOut(ships: readonly ShipLogs[]): ShipLogs {
  if (ships.length === 1) return ships[0];
  const accepted = new WeakMap<LogBatch, { key: string; outcomes: (ShipOutcome | undefined)[] }>();
  return async (batch, signal) => {
    // A batch object comes again with other records; what it holds is named by its source and last place.
    const key = `${batch.source.id}:${batch.offsets[batch.count - 1]}`;
    let known = accepted.get(batch);
    if (known?.key !== key) accepted.set(batch, (known = { key, outcomes: ships.map(() => undefined) }));
    const { outcomes } = known;
    const results = await Promise.allSettled(ships.map(async (ship, i) => (outcomes[i] ??= await ship(batch, signal))));
    const failed = results.find((result) => result.status === 'rejected');
    if (failed !== undefined) throw failed.reason;
    accepted.delete(batch);
    const all = outcomes.filter((outcome) => outcome !== undefined);
    return { ...all[0], refused: Object.assign({}, ...all.map(({ refused }) => refused)) as Record<string, number> };
  };
}
