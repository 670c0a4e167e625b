/** Credentials of a DApp's back end: its publisher's to have, to change and to close. */
import { BadUserInput, SecondFactor } from '@medigraph/platform/graph';
import {
  type DAppClient,
  type DAppClients,
  DAppClientsUnavailableError,
  p256PublicKey,
  type RegisteredDAppClient,
} from '@medigraph/platform/identity';
import { type registry } from '@medigraph/schema';
import { Arg, Ctx, FieldResolver, Mutation, Resolver, Root } from 'type-graphql';
import { DAppsContext } from '../context.js';
import { DAppNotActive, DAppRevoked } from '../errors.js';
import { dappOf } from '../nodes.js';
import { publishes, requireOwnDApp } from '../publishing-rights.js';
import { DApp } from '../types.js';
import { revokedKeys } from './client-keeper.js';
import { CloseDAppCredentialsInput, DAppCredentials, IssueDAppCredentialsInput } from './credential-types.js';

@Resolver(() => DApp)
export class CredentialMutations {
  @SecondFactor()
  @Mutation(() => DAppCredentials, {
    description:
      'As the publisher of a DApp that runs: credentials for its back end. It reads what was granted to the DApp, and nothing else. What it had before counts no more.',
  })
  async issueDAppCredentials(
    @Ctx('request') context: DAppsContext,
    @Arg('input', () => IssueDAppCredentialsInput, { description: 'For which DApp.' })
    { dapp: id, publicKey }: IssueDAppCredentialsInput,
  ): Promise<DAppCredentials> {
    const { manifest } = await requireOwnDApp(context, id);
    const clients = requireClients(context);
    const key = publicKey === undefined ? undefined : p256PublicKey(publicKey);
    if (key === undefined && publicKey !== undefined)
      throw new BadUserInput('publicKey: must be a public key on the curve P-256.');
    const { publisher, mspId, institution } = await running(context, id);
    const registered = await clients.put({
      dapp: id,
      name: manifest.name,
      mspId,
      institution,
      ...(key && { key }),
    });
    if (registered.kid !== undefined && revokedKeys(publisher).has(registered.kid)) {
      await clients.remove(id);
      throw new BadUserInput('publicKey: is a key of the publisher that was revoked.');
    }
    return credentialsOf(clients, registered);
  }

  @Mutation(() => DApp, {
    description: 'As the publisher: the credentials of a DApp’s back end get no token any more.',
  })
  async closeDAppCredentials(
    @Ctx('request') context: DAppsContext,
    @Arg('input', () => CloseDAppCredentialsInput, { description: 'Of which DApp.' })
    { dapp }: CloseDAppCredentialsInput,
  ): Promise<DApp> {
    const document = await requireOwnDApp(context, dapp);
    await requireClients(context).remove(dapp);
    return dappOf(document);
  }

  @FieldResolver(() => DAppCredentials, {
    nullable: true,
    description: 'Credentials of its back end, without the secret; only the publisher sees them.',
  })
  async credentials(
    @Root() { id }: DApp,
    @Ctx('request') context: DAppsContext,
  ): Promise<DAppCredentials | undefined> {
    const { dappClients } = context.services;
    if (dappClients === undefined || !(await publishes(context, id))) return undefined;
    const found = (await dappClients.list()).find(({ dapp }) => dapp === id);
    return found && credentialsOf(dappClients, found);
  }
}

/** @throws `DAPP_CLIENTS_UNAVAILABLE` */
function requireClients({ services: { dappClients } }: DAppsContext): DAppClients {
  if (dappClients === undefined) throw new DAppClientsUnavailableError('is not open to the platform');
  return dappClients;
}

/** In whose place a DApp stands; from the ledger, and not from a copy. @throws `DAPP_REVOKED`, `DAPP_NOT_ACTIVE` */
async function running(
  context: DAppsContext,
  id: string,
): Promise<Pick<registry.Publisher, 'mspId' | 'institution'> & { publisher: registry.Publisher }> {
  const dapp = await context.askRegistry<registry.DApp>('ReadDApp', { dapp: id });
  if (dapp.status === 'revoked') throw new DAppRevoked(id);
  if (dapp.active === undefined) throw new DAppNotActive(id);
  const publisher = await context.askRegistry<registry.Publisher>('ReadPublisher', {
    publisher: dapp.publisher,
  });
  return { publisher, mspId: publisher.mspId, institution: publisher.institution };
}

function credentialsOf(
  { tokenEndpoint }: DAppClients,
  { clientId, kid, ...client }: DAppClient & Pick<RegisteredDAppClient, 'secret'>,
): DAppCredentials {
  return Object.assign(new DAppCredentials(), {
    clientId,
    tokenEndpoint,
    authentication: kid === undefined ? 'client_secret_post' : 'private_key_jwt',
    kid,
    secret: client.secret,
  });
}
