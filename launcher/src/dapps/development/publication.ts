/** A DApp on a platform of this machine's own, published as it is everywhere; its organisations are ours to play. */
import { KeyStore, type PackedDApp, publishPackage, releaseOf } from '@medigraph/dapp-cli';
import { Backoff } from '@medigraph/platform/time';
import { DataFolder } from '../../data-folder.js';
import { CommandError } from '../../errors.js';
import { type Home } from './home.js';
import { reviewers } from './people.js';

/** Publisher's key of a data folder: what it signs counts on its network alone. */
const keyName = 'development';
/** Milliseconds for checks, approvals and the first start of the contracts. */
const patienceMs = 60_000;

/** How far a version has come: its checks are over, its contracts run. */
export type PublicationStage = 'checked' | 'running';

/**
 * Publishes a version that was not before, and has the organisations of this network approve it.
 * @throws `RELEASE_REFUSED` with what is wrong; `DEVELOPMENT_STALLED`
 */
export async function publishHere(
  { url, data, as, token }: Home,
  packed: PackedDApp,
  onStage: (stage: PublicationStage) => void = () => undefined,
): Promise<void> {
  const { id: dapp, version, publisher } = packed.manifest;
  const publisherRole = 'operator:hospital-a';
  const graph = {
    url,
    token: () => token(publisherRole),
    request: async <Data>(query: string, variables?: Record<string, unknown>) =>
      (await as(publisherRole)).request<Data>(query, variables),
  };
  const status = async () => {
    const release = await releaseOf(graph, dapp, version);
    const wrong = release?.reports.flatMap(({ findings }) => findings).filter(isError) ?? [];
    if (release?.status === 'REFUSED')
      throw new CommandError(
        'RELEASE_REFUSED',
        wrong.map(({ code, message, location }) => `${location ?? code}: ${message}`).join('\n'),
      );
    return release?.status;
  };
  if ((await status()) === undefined) {
    const keys = new KeyStore(new DataFolder(data).path);
    const isNew = !(await keys.list()).includes(keyName);
    const key = await (isNew ? keys.create(keyName, keyName) : keys.open(keyName, keyName));
    const input = { id: publisher, name: publisher, institution: 'hospital-a', key: key.publicKey };
    const { publisher: known } = await graph.request<{ publisher: object | null }>(
      'query($id: ID!) { publisher(id: $id) { id } }',
      { id: publisher },
    );
    if (!known)
      await graph.request(
        'mutation($input: RegisterPublisherInput!) { registerPublisher(input: $input) { publisher { id } } }',
        { input },
      );
    await publishPackage(graph, packed, key);
  }
  const logs = new DataFolder(data).logs;
  await until(status, ['CHECKED', 'APPROVED', 'ACTIVE'], logs);
  onStage('checked');
  if ((await status()) === 'CHECKED')
    for (const reviewer of reviewers)
      await (
        await as(`operator:${reviewer}`)
      ).request('mutation($input: DAppVersionInput!) { approveDApp(input: $input) { release { status } } }', {
        input: { dapp, version },
      });
  await until(status, ['ACTIVE'], logs);
  onStage('running');
  const installable = async () => {
    const { dApp } = await graph.request<{ dApp: { active: object | null } | null }>(
      'query($id: ID!) { dApp(id: $id) { active { version } } }',
      { id: dapp },
    );
    return dApp?.active ? 'ACTIVE' : undefined;
  };
  await until(installable, ['ACTIVE'], logs);
}

const isError = ({ severity }: { readonly severity: string }): boolean => severity.toLowerCase() === 'error';

/** @throws `DEVELOPMENT_STALLED` */
async function until(
  look: () => Promise<string | undefined>,
  wanted: readonly string[],
  logs: string,
): Promise<void> {
  const deadline = performance.now() + patienceMs;
  const backoff = new Backoff({ initial: 50, limit: 250 });
  for (;;) {
    const found = await look();
    if (found !== undefined && wanted.includes(found)) return;
    if (performance.now() > deadline)
      throw new CommandError(
        'DEVELOPMENT_STALLED',
        `the DApp is ${found ?? 'not there'} and does not become ${wanted[0] ?? ''}; see the logs in ${logs}`,
      );
    await backoff.pause();
  }
}
