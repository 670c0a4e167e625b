import { askToApply, type ControlServer, serveControl } from './control.js';

let control: ControlServer | undefined;
afterEach(async () => {
  await control?.close('the test is over');
  control = undefined;
});

it('tells each step, then that all is done', async () => {
  control = await serveControl((file, onStep) => {
    onStep(`reads ${file}`);
    return Promise.resolve();
  });
  const steps: string[] = [];
  await askToApply(control.address, 'consortium.yaml', (step) => steps.push(step));
  expect(steps).toEqual(['reads consortium.yaml']);
});

it('tells a command that waits why the network goes away', async () => {
  const server = await serveControl((_file, onStep) => {
    onStep('begins');
    return new Promise(() => undefined);
  });
  let close: Promise<void> | undefined;
  const asked = askToApply(server.address, 'consortium.yaml', () => {
    close = server.close('ledger exited with 1');
  });
  await expect(asked).rejects.toMatchObject({
    code: 'NETWORK_APPLY_FAILED',
    message: 'The network went away: ledger exited with 1',
  });
  await close;
});

it('serves one change at a time, and nobody without its secret', async () => {
  let finish!: () => void;
  const applying = new Promise<void>((resolve) => (finish = resolve));
  control = await serveControl((_file, onStep) => {
    onStep('begins');
    return applying;
  });
  const { address } = control;
  let first: Promise<void> | undefined;
  await new Promise<void>((resolve) => {
    first = askToApply(address, 'consortium.yaml', () => resolve());
  });
  const second = askToApply(address, 'consortium.yaml', () => undefined);
  await expect(second).rejects.toMatchObject({ code: 'NETWORK_BUSY' });
  const stranger = askToApply({ ...address, secret: 'guessed' }, 'consortium.yaml', () => undefined);
  await expect(stranger).rejects.toMatchObject({ message: 'The network answers 401' });
  finish();
  await first;
});
