/** Milliseconds for a part to end by itself. Whoever started it may wait less; this is for those whom nobody waits for. */
const patienceMs = 15_000;

/**
 * Ends this process when it is told to, or when the one that started it is gone, which may have been before this is called. What it waits for at its
 * end may be gone as well, such as the document server of a platform whose launcher was killed: so it ends after a while at any rate.
 */
export function stopWhenTold(close: () => Promise<void>, mostMs = patienceMs): void {
  let stopping = false;
  const stop = () => {
    if (stopping) return;
    stopping = true;
    setTimeout(() => process.exit(1), mostMs);
    close().then(
      () => process.exit(0),
      () => process.exit(1),
    );
  };
  process.on('SIGTERM', stop);
  process.on('SIGINT', stop);
  process.on('disconnect', stop);
  const startedByAnother = process.send !== undefined;
  if (startedByAnother && !process.connected) stop();
}
