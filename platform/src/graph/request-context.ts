import { type care, type Role } from '@medigraph/schema';
import { dappOfClient } from '@medigraph/schema/dapps';
import DataLoader from 'dataloader';
import { z } from 'zod';
import { type Caller, mfaContext, SmartScopes } from '../identity/index.js';
import { type Committed } from '../ledger/index.js';
import { inSpan } from '../telemetry/tracing.js';
import { type Projector } from '../projection/index.js';
import { BadUserInput, Forbidden, StepUpRequired } from './errors.js';
import { placeOf, type SuitePlace } from './network-map.js';
import { findAll } from './read-model.js';
import { type HoldingName } from './dapp-holdings.js';
import {
  narrowedTo,
  type Relations,
  type RelatedInstitution,
  type Relationship,
  relationshipId,
} from './relations.js';
import { type SubgraphServices } from './services.js';

/** Who looks, as policy sees it: one person or one institution, or neither. */
export interface Viewer {
  readonly role: Role;
  /** Own chain address of a patient. */
  readonly patient?: string;
  /** Institution the caller acts for; only if the ledger says that it belongs to the caller's organisation. */
  readonly institution?: string;
  /** Who of the institution looks, if the token says. */
  readonly acting?: care.ConsentActor;
  /** DApp whose back end looks, while a version of it runs. It stands in an institution's place without acting for the institution. */
  readonly dapp?: { readonly id: string; readonly institution: string };
}

/** What a request is made of, before a subgraph adds its own. */
export interface RequestParts {
  readonly caller: Caller;
  readonly services: SubgraphServices;
  readonly projector: Projector;
  readonly relations: Relations;
}

/**
 * What resolvers are given. Apollo Server copies the context of every request member by member, which an object with
 * private state does not survive; so the request stands inside.
 */
export interface GraphContext<Request> {
  readonly request: Request;
}

/** A call of a contract, as a resolver states it. */
export interface ContractCall {
  readonly contract: string;
  readonly transaction: string;
  readonly argument?: unknown;
  /** @see TransactionRequest.arguments */
  readonly arguments?: readonly string[];
}

interface BaseLoaders {
  readonly institutions: DataLoader<string, RelatedInstitution | undefined>;
  readonly relationships: DataLoader<string, Relationship | undefined>;
  readonly keys: DataLoader<Party, care.Patient['encryptionKey'], string>;
  /** Whether a version of a DApp runs. */
  readonly runs: DataLoader<string, boolean>;
  /** Whether somebody has a DApp that runs installed. */
  readonly installed: DataLoader<HoldingName, boolean, string>;
}

type Party = { readonly patient: string } | { readonly institution: string };

/** How long an answer waits for the read model to have the block. */
const readModelPatienceMs = 10_000;
const longestIdempotencyKey = 300;

/**
 * One request, or one delivery of a subscription: who asks, with which services, and what has been loaded so far.
 * Subgraphs extend it with their loaders.
 */
export abstract class RequestContext<Loaders extends object = object> {
  readonly caller: Caller;
  readonly services: SubgraphServices;
  readonly projector: Projector;
  readonly relations: Relations;
  /** Of a subscription: cursor of where its stream begins. */
  streamStart: string | undefined;
  #base: BaseLoaders;
  #loaders: Loaders | undefined;

  constructor({ caller, services, projector, relations }: RequestParts) {
    this.caller = caller;
    this.services = services;
    this.projector = projector;
    this.relations = relations;
    this.#base = this.#createBaseLoaders();
  }

  /** Loaders of this request; each loads a thing once. */
  get loaders(): Loaders {
    return (this.#loaders ??= this.createLoaders());
  }

  protected abstract createLoaders(): Loaders;

  /** Forgets what was loaded: before each delivery of a subscription, which outlives what it has seen. */
  renew(): void {
    this.#loaders = undefined;
    this.#base = this.#createBaseLoaders();
  }

  /** Where the care suite runs. */
  get care(): SuitePlace {
    return placeOf(this.services.network, 'care');
  }

  async viewer(): Promise<Viewer> {
    const { role, patient, institution: id, mspId, practitioner } = this.caller;
    if (role === 'patient') return { role, patient };
    if (role === 'dapp') return this.#dappViewer();
    // A contributor writes, and sees nothing of what anybody has.
    if (id === undefined || role === 'contributor') return { role };
    const institution = await this.#base.institutions.load(id);
    if (institution?.mspId !== mspId) return { role };
    if (practitioner === undefined) return { role, institution: id };
    return { role, institution: id, acting: { kind: 'practitioner', id: practitioner } };
  }

  /** What the scopes of the token leave open. */
  get scopes(): SmartScopes {
    return new SmartScopes(this.caller);
  }

  /** Who looks at resources of a type: nobody, if the scopes of the token leave them out. */
  async viewerOf(resourceType: string): Promise<Viewer> {
    return this.scopes.allows(resourceType, 'read') ? this.viewer() : { role: this.caller.role };
  }

  /** What there is between the viewer (a person, or the institution that they act for) and a patient. */
  async relationshipWith(patient: string): Promise<Relationship | undefined> {
    const { institution, patient: person, dapp } = await this.viewer();
    if (dapp !== undefined) return this.#relationshipOfDApp(dapp, patient);
    const party = person ?? institution;
    if (party === undefined) return undefined;
    return this.#base.relationships.load(relationshipId(party, patient));
  }

  /** @throws `FORBIDDEN` unless the caller has one of the roles. */
  requireRole(...roles: readonly Role[]): void {
    if (!roles.includes(this.caller.role))
      throw new Forbidden(`This is for ${roles.join(', ')}; you are ${this.caller.role}.`);
  }

  /**
   * Holds what `@policy(policies: [["mfa"]])` promises of an operation, whichever way it came.
   * @param acrValues - authentication context classes of which the caller's must be one.
   * @param maxAge - since the caller last signed in themselves, in seconds; any time, if absent.
   * @throws `STEP_UP_REQUIRED`
   */
  requireAcr(acrValues: readonly string[] = [mfaContext], maxAge?: number): void {
    const { acr, authenticatedAt = 0 } = this.caller;
    const sure = acr !== undefined && acrValues.includes(acr);
    const fresh = maxAge === undefined || Date.now() / 1000 < authenticatedAt + maxAge;
    if (!sure || !fresh) throw new StepUpRequired(acrValues, maxAge);
  }

  /** The patient who calls. @throws `FORBIDDEN` */
  requirePatient(): string {
    const { role, patient } = this.caller;
    if (role !== 'patient' || patient === undefined)
      throw new Forbidden(`Only the patient can do this; you are ${role}.`);
    return patient;
  }

  /** The institution that the caller acts for. @throws `FORBIDDEN` */
  async requireInstitution(...roles: readonly Role[]): Promise<string> {
    this.requireRole(...roles);
    const { institution } = await this.viewer();
    if (institution === undefined)
      throw new Forbidden(
        'The token names no institution that your organisation has registered on the ledger.',
      );
    return institution;
  }

  /** Public encryption key of a patient or an institution, from the ledger and not from a copy. */
  encryptionKeyOf(party: Party): Promise<care.Patient['encryptionKey']> {
    return this.#base.keys.load(party);
  }

  /** Evaluates as the caller. */
  async evaluate<T>(call: ContractCall, place: SuitePlace = this.care): Promise<T> {
    const signer = await this.services.custody.signerFor(this.caller);
    return this.services.ledger.evaluate<T>({ ...located(place), ...call, signer });
  }

  /** Submits as the caller; does not wait for the read model. */
  async submit<T>(
    call: ContractCall,
    { idempotencyKey, place = this.care }: { idempotencyKey?: string; place?: SuitePlace } = {},
  ): Promise<Committed<T>> {
    const signer = await this.services.custody.signerFor(this.caller);
    return this.services.ledger.submit<T>({
      ...located(place),
      ...call,
      signer,
      idempotencyKey: idempotencyKey === undefined ? undefined : this.#scoped(idempotencyKey, call),
    });
  }

  /** Submits as the caller, and answers once this subgraph's read model has the block: a query then reads the write. */
  async commit<T>(
    call: ContractCall,
    options: { idempotencyKey?: string; place?: SuitePlace } = {},
  ): Promise<Committed<T>> {
    const committed = await this.submit<T>(call, options);
    await this.reached(committed);
    return committed;
  }

  /** Waits for the read model, and forgets what was loaded before. */
  async reached({ transaction: { channel, block } }: Committed<unknown>): Promise<void> {
    await inSpan({ name: 'read model reaches block' }, () =>
      this.projector.reached(channel, block, readModelPatienceMs),
    );
    this.renew();
  }

  async #dappViewer(): Promise<Viewer> {
    const { role, clientId = '', institution } = this.caller;
    const id = dappOfClient(clientId);
    if (id === undefined || institution === undefined || !(await this.#base.runs.load(id))) return { role };
    return { role, dapp: { id, institution }, acting: { kind: 'application', id } };
  }

  /** Nothing once the patient has uninstalled it, whatever consents were left. */
  async #relationshipOfDApp(
    { id, institution }: NonNullable<Viewer['dapp']>,
    patient: string,
  ): Promise<Relationship | undefined> {
    const [pair, installed] = await Promise.all([
      this.#base.relationships.load(relationshipId(institution, patient)),
      this.#base.installed.load({ dapp: id, holder: patient }),
    ]);
    return pair && installed ? narrowedTo(pair, { kind: 'application', id }) : undefined;
  }

  /** Everyone of an organisation signs as one, so a key is the caller's own only together with their subject. */
  #scoped(idempotencyKey: string, { contract, transaction }: ContractCall): string {
    if (idempotencyKey === '' || idempotencyKey.length > longestIdempotencyKey)
      throw new BadUserInput(`idempotencyKey must have 1 to ${longestIdempotencyKey} characters.`);
    return JSON.stringify([this.caller.subject, contract, transaction, idempotencyKey]);
  }

  #createBaseLoaders(): BaseLoaders {
    return {
      institutions: new DataLoader((ids) => findAll(this.relations.institutions, ids)),
      relationships: new DataLoader((ids) => findAll(this.relations.relationships, ids)),
      runs: new DataLoader((dapps) => Promise.all(dapps.map((dapp) => this.relations.holdings.runs(dapp)))),
      installed: new DataLoader((names) => this.relations.holdings.standing(names), {
        cacheKeyFn: ({ dapp, holder }) => JSON.stringify([dapp, holder]),
      }),
      keys: new DataLoader((parties) => Promise.all(parties.map((party) => this.#readKey(party))), {
        cacheKeyFn: (party) => JSON.stringify(party),
      }),
    };
  }

  async #readKey(party: Party): Promise<care.Patient['encryptionKey']> {
    const found = await this.evaluate<{ encryptionKey: care.Patient['encryptionKey'] }>({
      contract: 'Registration',
      transaction: 'Resolve',
      argument: party,
    });
    return found.encryptionKey;
  }
}

function located({ channel, chaincode }: SuitePlace): { channel: string; chaincode: string } {
  return { channel, chaincode };
}

/**
 * Checks an argument against a schema of the ledger model before anything is signed.
 * @throws `BAD_USER_INPUT` that names the wrong field.
 */
export function checked<T>(schema: z.ZodType<T>, value: unknown): T {
  const parsed = schema.safeParse(given(value));
  if (parsed.success) return parsed.data;
  const [issue] = parsed.error.issues;
  const path = issue?.path.join('.') ?? '';
  throw new BadUserInput(`${path === '' ? 'The input' : path}: ${issue?.message ?? 'is not valid'}.`);
}

/** A value without what is null: GraphQL says null for what is not given, the ledger model leaves it out. */
function given(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(given);
  if (typeof value !== 'object' || value === null) return value;
  return Object.fromEntries(
    Object.entries(value).flatMap(([name, member]: [string, unknown]) =>
      member === null || member === undefined ? [] : [[name, given(member)]],
    ),
  );
}
