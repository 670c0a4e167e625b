/** What this subgraph keeps of the ledger about lost keys: who guards whom, and the recoveries there are. */
import {
  findAll,
  knownEvents,
  placeOf,
  readModelCollection,
  type ReadModelDocument,
  replaceAll,
  type Viewer,
} from '@medigraph/platform/graph';
import { type ConnectionProfile } from '@medigraph/platform/ledger';
import { type LedgerEvent, type Projection } from '@medigraph/platform/projection';
import { type care } from '@medigraph/schema';
import { type Connection, type Model } from 'mongoose';

/** By patient. */
export interface GuardianshipDocument extends ReadModelDocument {
  readonly guardians: readonly string[];
}

/** By patient and the key that is to follow. */
export interface RecoveryDocument extends ReadModelDocument, care.Recovery {
  /** Whom the patient has named now, whoever they had named when it was requested. */
  readonly guardians: readonly string[];
}

const known = new Set([
  'GuardiansNamed',
  'RecoveryRequested',
  'RecoveryApproved',
  'RecoveryCancelled',
  'KeyRotated',
] as const);

/** Names a recovery among those of everybody. */
export const recoveryId = (patient: string, signer: string): string => `${patient}/${signer}`;

/** Guardians and recoveries. */
export class RecoveryBook implements Projection {
  readonly name = 'patients_recoveries';
  readonly channels: readonly string[];
  readonly chaincodes: readonly string[];
  readonly recoveries: Model<RecoveryDocument>;
  readonly #guardianships: Model<GuardianshipDocument>;

  constructor(connection: Connection, network: ConnectionProfile) {
    const { channel, chaincode } = placeOf(network, 'care');
    this.channels = [channel];
    this.chaincodes = [chaincode];
    this.recoveries = readModelCollection(connection, `${this.name}_all`, [
      { patient: 1, requestedAt: -1, _id: -1 },
      { guardians: 1, requestedAt: -1, _id: -1 },
    ]);
    this.#guardianships = readModelCollection(connection, `${this.name}_guardians`, []);
  }

  /** Whether the patient has named this party as a guardian. */
  async isGuardian(patient: string, party: string): Promise<boolean> {
    return (await this.#guardianships.exists({ _id: patient, guardians: party })) !== null;
  }

  async apply(events: readonly LedgerEvent[]): Promise<void> {
    // One after the other: what an event changes depends on those before it, and there are few.
    for (const event of knownEvents(events, known)) {
      if (event.type === 'GuardiansNamed') {
        const { patient, guardians } = event.item;
        await replaceAll(this.#guardianships, [{ _id: patient, guardians }]);
        await this.recoveries.updateMany({ patient }, { $set: { guardians } });
      } else if (event.type === 'KeyRotated') {
        const { address, signer = address } = event.item;
        const _id = recoveryId(address, signer);
        await this.recoveries.updateOne({ _id }, { $set: { status: 'completed' } });
      } else {
        await this.#put(event.item);
      }
    }
  }

  async clear(): Promise<void> {
    await Promise.all([this.recoveries.deleteMany({}), this.#guardianships.deleteMany({})]);
  }

  async #put(recovery: care.Recovery): Promise<void> {
    const { patient, signer } = recovery;
    const [guardianship] = await findAll(this.#guardianships, [patient]);
    const guardians = guardianship?.guardians ?? [];
    await replaceAll(this.recoveries, [{ _id: recoveryId(patient, signer), ...recovery, guardians }]);
  }
}

/** The recoveries that a viewer may see: their own, and of those whose guardian they are; undefined if none. */
export function visibleRecoveries({ patient, institution }: Viewer): object | undefined {
  if (patient !== undefined) return { $or: [{ patient }, { guardians: patient }] };
  return institution === undefined ? undefined : { guardians: institution };
}
