import { type ConnectionProfile } from '@medigraph/platform/ledger';

/** A network that scenarios run on: three organisations, two channels, chaincodes `probe` and `other`. */
export interface NetworkUnderTest {
  readonly profile: ConnectionProfile;
  /** Folder of keys and certificates. */
  readonly material: string;
  /** Stops it, without a warning where it can be, and starts it again at the same addresses on its data. */
  restart(): Promise<void>;
  stop(): Promise<void>;
}
