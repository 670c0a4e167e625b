import { defaultLimits } from '../limits.js';
import { type GuestProgram } from '../wire/frames.js';
import { type ContractMetadata, GuestProcess } from './guest-process.js';

const unheard = () => undefined;

/**
 * What the contracts of a bundle say of themselves. They are loaded as they would be to serve, into a process that can do nothing else, which is
 * then ended.
 * @returns the metadata as the contracts gave them, which may be of any shape but for the names of their transactions
 * @throws {@link GuestStartError}
 */
export async function describedContracts(program: GuestProgram): Promise<ContractMetadata> {
  const guest = await GuestProcess.start(program, defaultLimits, {
    onMessage: unheard,
    onReport: unheard,
    onLine: unheard,
    isBusy: () => true,
  });
  await guest.stop();
  return guest.metadata;
}
