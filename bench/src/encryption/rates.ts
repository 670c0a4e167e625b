/** How much of something is done in a second of the processor's time, as `openssl speed` counts. */
export async function processorRate(amount: number, work: () => unknown): Promise<number> {
  const begin = process.cpuUsage();
  await work();
  const { user, system } = process.cpuUsage(begin);
  return amount / ((user + system) / 1e6);
}

/** How much of something is done in a second by the clock. */
export async function clockRate(amount: number, work: () => unknown): Promise<number> {
  const begin = performance.now();
  await work();
  return amount / ((performance.now() - begin) / 1000);
}
