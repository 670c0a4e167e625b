/** A DApp that runs: published in hospital-a's place, approved by hospitals and insurers. */
import { createHash, generateKeyPairSync } from 'node:crypto';
import { generatePublisherKey, signPackage } from '@medigraph/dapp-package';
import { type RegistryTransaction } from '@medigraph/schema';
import { type RunningDAppsSubgraph } from '@medigraph/subgraph-dapps';
import { type LiveGraph, type Person } from '../live-graph.js';

/** Of the publisher. */
export const publisherKey = await generatePublisherKey();

/** Another one each time, as publishers have theirs registered. */
export const anotherSigningKey = (): string =>
  generateKeyPairSync('ec', { namedCurve: 'P-256' })
    .publicKey.export({ format: 'der', type: 'spki' })
    .toString('base64');

/** As its publisher describes it. */
export const diary = (version: string): object => ({
  id: 'diary',
  name: 'Diary',
  summary: 'Keeps a diary',
  publisher: 'acme',
  version,
  license: 'Apache-2.0',
  categories: ['wellbeing'],
  medigraph: '*',
  contracts: { entry: 'contracts/index.js', names: ['Diary'] },
  support: {},
});

/** Brings it to run, as publisher and stewards do. */
export async function runDiary(
  graph: LiveGraph,
  publisher: Person,
  reviewers: readonly Person[],
): Promise<void> {
  const { packages, projector } = graph.subgraph('dapps') as RunningDAppsSubgraph;
  const { custody, ledger, tokens } = graph.services('dapps');
  const submit = async (person: Person, name: RegistryTransaction, argument: object): Promise<void> => {
    const signer = await custody.signerFor(await tokens.verify(await graph.token(person)));
    const [contract = '', transaction = ''] = name.split(':');
    const place = { channel: 'care', chaincode: 'registry' };
    const { transaction: written } = await ledger.submit({
      ...place,
      contract,
      transaction,
      argument,
      signer,
    });
    await projector.reached('care', written.block);
  };
  const bytes = Buffer.from('a package');
  const sha256 = createHash('sha256').update(bytes).digest('hex');
  await packages.put(
    { sha256, owner: 'hospital-a' },
    (async function* () {
      yield await Promise.resolve(bytes);
    })(),
  );
  const version = { dapp: 'diary', version: '1.0.0' };
  await submit(publisher, 'DApps:Publish', {
    manifest: diary('1.0.0'),
    package: { sha256, size: bytes.length },
    signature: await signPackage({ ...version, package: sha256 }, publisherKey),
  });
  await submit(publisher, 'DApps:ReportChecks', { ...version, findings: [] });
  for (const reviewer of reviewers) await submit(reviewer, 'DApps:Approve', version);
  await submit(publisher, 'DApps:Activate', version);
}
