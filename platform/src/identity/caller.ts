import { type Role } from '@medigraph/schema';

/** Who calls, as a verified access token says. */
export interface Caller {
  /** Token subject: a patient's chain address, or `<institution>/<user>`. */
  readonly subject: string;
  readonly role: Role;
  readonly mspId: string;
  /** Institution that the caller acts for; absent for patients. */
  readonly institution?: string;
  /** Chain address of a patient; absent for everybody else. */
  readonly patient?: string;
  /** Practitioner of that institution who calls, by the id that the ledger knows them under. */
  readonly practitioner?: string;
  /** OAuth client through which they call. */
  readonly clientId?: string;
  /** Authentication context class (OpenID Connect `acr`): how surely the provider knows who this is. */
  readonly acr?: string;
  /** Authentication methods (RFC 8176): `pwd`, `otp`, `hwk` … */
  readonly amr?: readonly string[];
  /** When they last signed in themselves, in seconds since the epoch. */
  readonly authenticatedAt?: number;
  readonly scopes: ReadonlySet<string>;
  /** Seconds since the epoch. */
  readonly expiresAt: number;
}
