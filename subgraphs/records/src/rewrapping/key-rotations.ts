/** Whose encryption key another has followed, as the ledger tells it. */
import {
  knownEvents,
  placeOf,
  readModelCollection,
  type ReadModelDocument,
  replaceAll,
} from '@medigraph/platform/graph';
import { type ConnectionProfile } from '@medigraph/platform/ledger';
import { type LedgerEvent, type Projection } from '@medigraph/platform/projection';
import { type Connection, type Model } from 'mongoose';

/** The newest rotation of a patient, by their chain address, or of an institution, by its id. */
export interface RotationDocument extends ReadModelDocument {
  readonly mspId: string;
  /** Coordinates of the public key on P-256 that followed. */
  readonly x: string;
  readonly y: string;
  /** Block that it stands in. */
  readonly block: number;
  /** When its transaction was made, as an instant. */
  readonly rotatedAt: string;
}

const known = new Set(['KeyRotated', 'InstitutionKeyRotated', 'PatientDeactivated'] as const);

/** The newest rotations of institutions, and of the patients who can still act. */
export class KeyRotations implements Projection {
  readonly name = 'records_rotations';
  readonly channels: readonly string[];
  readonly chaincodes: readonly string[];
  readonly rotations: Model<RotationDocument>;

  constructor(connection: Connection, network: ConnectionProfile) {
    const { channel, chaincode } = placeOf(network, 'care');
    this.channels = [channel];
    this.chaincodes = [chaincode];
    this.rotations = readModelCollection(connection, `${this.name}_newest`, [{ block: 1 }]);
  }

  /** The newest rotation of a patient or an institution. */
  async of(owner: string): Promise<RotationDocument | undefined> {
    return (await this.rotations.findById(owner).lean<RotationDocument>().exec()) ?? undefined;
  }

  async apply(events: readonly LedgerEvent[]): Promise<void> {
    const newest = new Map<string, RotationDocument | undefined>();
    for (const { type, item, position, timestamp: rotatedAt } of knownEvents(events, known)) {
      const { mspId, encryptionKey } = item;
      const { x, y } = encryptionKey;
      const _id = type === 'InstitutionKeyRotated' ? item.id : item.address;
      newest.set(
        _id,
        type === 'PatientDeactivated' ? undefined : { _id, mspId, x, y, block: position.block, rotatedAt },
      );
    }
    await replaceAll(
      this.rotations,
      [...newest.values()].filter((rotation) => rotation !== undefined),
    );
    const ended = [...newest].flatMap(([owner, rotation]) => (rotation ? [] : [owner]));
    if (ended.length > 0) await this.rotations.deleteMany({ _id: { $in: ended } });
  }

  async clear(): Promise<void> {
    await this.rotations.deleteMany({});
  }
}

/** Names the key that followed. */
export const keyOf = ({ x, y }: RotationDocument): string => `${x}.${y}`;
