/**
 * Ends the process quietly when the reader of its output has gone, as in `crowsnest logs | head -1`: a command ends at once,
 * a program that runs until it is stopped stops as on SIGTERM. A closed standard error is ignored, as the log has a file too.
 */
export function endOnClosedPipe(): void {
  let ending = false;
  process.stdout.on('error', (error: NodeJS.ErrnoException) => {
    if (!isGone(error)) throw error;
    if (ending) return;
    ending = true;
    if (process.listenerCount('SIGTERM') > 0) process.kill(process.pid, 'SIGTERM');
    else process.exit();
  });
  process.stderr.on('error', (error: NodeJS.ErrnoException) => {
    if (!isGone(error)) throw error;
  });
}

/** EPIPE for a pipe, EIO for a terminal that was closed. */
function isGone({ code }: NodeJS.ErrnoException): boolean {
  return code === 'EPIPE' || code === 'EIO';
}
