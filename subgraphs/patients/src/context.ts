import { BadUserInput, findAll, RequestContext, type RequestParts } from '@medigraph/platform/graph';
import { PreparedTransactions } from '@medigraph/platform/preparation';
import { patientsOrganization } from '@medigraph/platform/ledger';
import { type care } from '@medigraph/schema';
import DataLoader from 'dataloader';
import { maySeePatient } from './policy.js';
import { type RecoveryBook } from './recovery/recovery-book.js';
import {
  type InstitutionDocument,
  type PatientDocument,
  type PractitionerDocument,
  type Registry,
} from './read-model.js';

const longestIdempotencyKey = 300;

interface Loaders {
  /** Patients that the caller may see. */
  readonly patients: DataLoader<string, PatientDocument | undefined>;
  readonly institutions: DataLoader<string, InstitutionDocument | undefined>;
  readonly practitioners: DataLoader<string, PractitionerDocument | undefined>;
}

/** A request of the patients subgraph. */
export class PatientsContext extends RequestContext<Loaders> {
  readonly registry: Registry;
  readonly recoveryBook: RecoveryBook;

  constructor(parts: RequestParts, registry: Registry, recoveryBook: RecoveryBook) {
    super(parts);
    this.recoveryBook = recoveryBook;
    this.registry = registry;
  }

  /** MSP id of the organisation that enrols patients. */
  get patientsOrganization(): string {
    return patientsOrganization(this.services.network);
  }

  /** For callers who keep their own keys. */
  get preparedTransactions(): PreparedTransactions {
    const { ledger, custody } = this.services;
    return new PreparedTransactions(ledger, custody);
  }

  /** An idempotency key of the caller alone: everyone of an organisation signs as one. */
  ownIdempotencyKey(idempotencyKey: string): string {
    if (idempotencyKey === '' || idempotencyKey.length > longestIdempotencyKey)
      throw new BadUserInput(`idempotencyKey must have 1 to ${longestIdempotencyKey} characters.`);
    return JSON.stringify([this.caller.subject, 'RegisterPatient', idempotencyKey]);
  }

  /** A patient as the ledger has them now, and not a copy. */
  async registeredPatient(address: string): Promise<care.Patient> {
    const { channel, chaincode } = this.care;
    const { ledger, custody } = this.services;
    return ledger.evaluate<care.Patient>({
      channel,
      chaincode,
      contract: 'Registration',
      transaction: 'Resolve',
      argument: { patient: address },
      signer: await custody.organization(this.patientsOrganization),
    });
  }

  protected override createLoaders(): Loaders {
    const { institutions, practitioners } = this.registry;
    return {
      patients: new DataLoader((ids) => this.#visiblePatients(ids)),
      institutions: new DataLoader((ids) => findAll(institutions, ids)),
      practitioners: new DataLoader((ids) => findAll(practitioners, ids)),
    };
  }

  async #visiblePatients(ids: readonly string[]): Promise<(PatientDocument | undefined)[]> {
    const now = new Date().toISOString();
    const visible = await Promise.all(ids.map((id) => maySeePatient(this, id, now)));
    const found = await findAll(
      this.registry.patients,
      ids.filter((_, index) => visible[index]),
    );
    const byId = new Map(found.flatMap((document) => (document ? [[document._id, document] as const] : [])));
    return ids.map((id) => byId.get(id));
  }
}
