import { randomBytes } from 'node:crypto';
import { type AdapterPayload, type ClientMetadata } from 'oidc-provider';
import { AccountRefusal } from '../accounts/refusals.js';
import { type SealedLevel } from '../store/sealed-level.js';
import { client as clientSchema, type Client, type ClientDescription } from './client.js';

/** The command line, which every provider knows. */
export const commandLineClient: ClientDescription = {
  id: 'medigraph-cli',
  name: 'medigraph (command line)',
  kind: 'device',
  firstParty: true,
  scopes: ['medigraph', 'medigraph:operate', 'patient/*.cruds', 'user/*.cruds'],
};

/** The page on which people change how they sign in. */
export const accountClientId = 'medigraph-account';

const accountClient = (issuer: string): ClientDescription => ({
  id: accountClientId,
  name: 'Medigraph',
  kind: 'application',
  firstParty: true,
  confidential: false,
  scopes: ['medigraph'],
  redirectUris: [`${issuer}/account`],
  postLogoutRedirectUris: [],
});

const deviceGrant = 'urn:ietf:params:oauth:grant-type:device_code';

/** The programs that may ask for tokens. */
export class ClientStore {
  readonly #store: SealedLevel;
  /** Those that every provider knows. */
  readonly #builtIn: ReadonlyMap<string, Client>;

  constructor(store: SealedLevel, issuer: string) {
    this.#store = store;
    this.#builtIn = new Map(
      [commandLineClient, accountClient(issuer)].map((description) => [description.id, { description }]),
    );
  }

  async find(id: string): Promise<Client | undefined> {
    const known = this.#builtIn.get(id);
    if (known) return known;
    const found = await this.#store.get(['client', id]);
    return found === undefined ? undefined : clientSchema.parse(found);
  }

  async *all(): AsyncGenerator<Client> {
    yield* this.#builtIn.values();
    for await (const found of this.#store.list(['client'])) yield clientSchema.parse(found);
  }

  /**
   * Registers a client; one that keeps a secret gets it with the answer.
   * @throws {@link AccountRefusal} `CLIENT_EXISTS`.
   */
  create(description: ClientDescription): Promise<Client> {
    return this.#store.exclusively(async () => {
      if (await this.find(description.id))
        throw new AccountRefusal('CLIENT_EXISTS', `There is a client ${description.id} already.`);
      return this.#write(description);
    });
  }

  /** Registers a client, or puts it in the place of the one there is: its secret counts no more, and a new one comes with the answer. */
  replace(description: ClientDescription): Promise<Client> {
    return this.#store.exclusively(async () => {
      if (this.#builtIn.has(description.id))
        throw new AccountRefusal('CLIENT_EXISTS', `The client ${description.id} is built in.`);
      return this.#write(description);
    });
  }

  /** @throws {@link AccountRefusal} `CLIENT_NOT_FOUND`. */
  remove(id: string): Promise<void> {
    return this.#store.exclusively(async () => {
      if (this.#builtIn.has(id) || !(await this.find(id)))
        throw new AccountRefusal('CLIENT_NOT_FOUND', `There is no client ${id} that could be removed.`);
      await this.#store.write({ path: ['client', id] });
    });
  }

  async #write(description: ClientDescription): Promise<Client> {
    const client: Client = {
      description,
      ...(keepsSecret(description) && { secret: randomBytes(32).toString('base64url') }),
    };
    await this.#store.write({ path: ['client', description.id], value: client });
    return client;
  }

  /** What `oidc-provider` needs to know of a client. */
  async metadataOf(id: string): Promise<AdapterPayload | undefined> {
    const found = await this.find(id);
    return found && metadata(found);
  }
}

const keepsSecret = (description: ClientDescription): boolean =>
  description.kind === 'service' ||
  (description.kind === 'application' && description.confidential) ||
  (description.kind === 'dapp' && description.publicKey === undefined);

/** How a client shows that it is the one. */
function authenticationOf({ description, secret }: Client): Partial<ClientMetadata> {
  if (description.kind === 'dapp' && description.publicKey !== undefined)
    return {
      token_endpoint_auth_method: 'private_key_jwt',
      token_endpoint_auth_signing_alg: 'ES256',
      jwks: { keys: [{ ...description.publicKey, alg: 'ES256', use: 'sig' }] },
    };
  if (secret === undefined) return { token_endpoint_auth_method: 'none' };
  // The colon in the id of a DApp's client would have to be escaped in the header of `client_secret_basic`.
  const method = description.kind === 'dapp' ? 'client_secret_post' : 'client_secret_basic';
  return { token_endpoint_auth_method: method, client_secret: secret };
}

function metadata(client: Client): ClientMetadata {
  const { description } = client;
  const authentication: ClientMetadata = {
    client_id: description.id,
    client_name: description.name,
    ...authenticationOf(client),
    id_token_signed_response_alg: 'ES256',
  };
  switch (description.kind) {
    case 'application':
      return {
        ...authentication,
        application_type: description.redirectUris.every((uri) => uri.startsWith('https:'))
          ? 'web'
          : 'native',
        redirect_uris: description.redirectUris,
        post_logout_redirect_uris: description.postLogoutRedirectUris,
        grant_types: ['authorization_code', 'refresh_token'],
        response_types: ['code'],
      };
    case 'device':
      return {
        ...authentication,
        application_type: 'native',
        redirect_uris: [],
        grant_types: [deviceGrant, 'refresh_token'],
        response_types: [],
      };
    case 'service':
    case 'dapp':
      return {
        ...authentication,
        redirect_uris: [],
        grant_types: ['client_credentials'],
        response_types: [],
      };
  }
}
