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
  readonly scopes: ReadonlySet<string>;
  /** Seconds since the epoch. */
  readonly expiresAt: number;
}
