import { generateKeyPairSync, sign, verify } from 'node:crypto';
import { verifyStoredChains, verifyStoredLedger } from '@medigraph/embedded-ledger';
import { type Bench } from '../bench.js';
import { type Figure } from '../figure.js';
import { GrownNetwork } from '../size/grown-network.js';
import { withTemporaryFolder } from '../temporary-folder.js';

const bench = 'verify';

/** Bytes that are signed in a transaction of the grown ledger, about. */
const signedBytes = 2_500;

/** Seconds that it takes to check so many signatures with `node:crypto` and to do nothing else, in one thread. */
function bareVerification(signatures: number): number {
  const { privateKey, publicKey } = generateKeyPairSync('ec', { namedCurve: 'P-256' });
  const data = Buffer.alloc(signedBytes, 7);
  const signature = sign('sha256', data, privateKey);
  const begin = performance.now();
  for (let count = 0; count < signatures; count += 1)
    if (!verify('sha256', data, publicKey, signature)) throw new Error('A good signature is refused.');
  return (performance.now() - begin) / 1000;
}

/**
 * `medigraph ledger verify` on a stopped ledger: chain, all signatures, validation codes, and a replay of every block with
 * state, index and history compared; against `node:crypto` checking as many signatures and doing nothing else, in one thread.
 */
export const verifyBench: Bench = {
  summary: 'transactions that ledger verify checks a second, against bare signature checks',
  run: ({ quick, say }) =>
    withTemporaryFolder(async (folder) => {
      const network = new GrownNetwork(folder, say);
      await network.whileServed(() => Promise.resolve());
      await network.growTo(quick ? 2_000 : 50_000);
      const stored = {
        network: await network.network(),
        dataFolder: network.dataFolder,
        scratchFolder: folder,
      };

      let begin = performance.now();
      const channels = await verifyStoredLedger(stored);
      const seconds = (performance.now() - begin) / 1000;
      const broken = channels.find((channel) => channel.broken);
      if (broken) throw new Error(`${broken.channel}: ${broken.broken?.reason ?? ''}`);
      const sum = (of: (channel: (typeof channels)[number]) => number) =>
        channels.reduce((total, channel) => total + of(channel), 0);
      const transactions = sum((channel) => channel.transactions);
      // One more for each block: the orderer's.
      const signatures = sum((channel) => channel.signatures + channel.blocks - 1);
      const bareSeconds = bareVerification(signatures);

      begin = performance.now();
      await verifyStoredChains(stored);
      const quickSeconds = (performance.now() - begin) / 1000;
      say(
        `${transactions} transactions with ${signatures} signatures in ${seconds.toFixed(1)} s; bare checks ${bareSeconds.toFixed(1)} s`,
      );
      const peer = `node:crypto checking ${signatures} signatures in one thread, same run`;
      const common = { bench, unit: 'transactions/s', n: transactions } as const;
      const figures: Figure[] = [
        {
          ...common,
          figure: 'everything',
          value: transactions / seconds,
          peer,
          ratio: bareSeconds / seconds,
        },
        { ...common, figure: 'chain', value: transactions / quickSeconds },
      ];
      return figures;
    }),
};
