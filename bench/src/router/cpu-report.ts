/** Tells the parent, whenever it asks, how much processor time this process has used. */
process.on('message', (message: { readonly ask?: string }) => {
  if (message.ask !== 'cpu') return;
  const { user, system } = process.cpuUsage();
  process.send?.({ type: 'cpu', microseconds: user + system });
});
