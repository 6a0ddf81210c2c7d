/** CPU, milliseconds, of this process's own threads. */
function cpuMs(): number {
  const { user, system } = process.cpuUsage();
  return (user + system) / 1000;
}

/**
 * Does the work and returns the most CPU that passed between two turns of the event loop, milliseconds: what a request to
 * `/-/healthy` would wait on a machine of its own. CPU and not time, so that a busy machine does not show.
 */
export async function longestTurn(work: () => Promise<unknown>): Promise<number> {
  let longest = 0;
  let last = cpuMs();
  let running = true;
  const turn = (): void => {
    const now = cpuMs();
    longest = Math.max(longest, now - last);
    last = now;
    if (running) setImmediate(turn);
  };
  setImmediate(turn);
  try {
    await work();
  } finally {
    running = false;
  }
  return longest;
}
