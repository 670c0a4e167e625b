/** Resolves with the name of the first signal that asks to stop. A second one ends the process at once. */
export function stopSignal(onSignal: () => void = () => undefined): Promise<string> {
  return new Promise((resolve) => {
    for (const name of ['SIGINT', 'SIGTERM'] as const) {
      let count = 0;
      process.on(name, () => {
        count += 1;
        if (count > 1) process.exit(130);
        onSignal();
        resolve(name);
      });
    }
  });
}
