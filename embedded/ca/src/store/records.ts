/** Something that is said of an identity; `ecert` if its certificates say it without being asked. */
export interface Attribute {
  readonly name: string;
  readonly value: string;
  readonly ecert: boolean;
}

/** Somebody who may enroll. */
export interface IdentityRecord {
  readonly name: string;
  /** Absent for a registrar that has the password with which the authority began. */
  readonly passwordHash?: string;
  /** `client`, `peer`, `admin`, `orderer` or what the organisation says: the organisational unit in certificates. */
  readonly type: string;
  /** Parts with dots between them; empty is the root of all. */
  readonly affiliation: string;
  readonly attributes: readonly Attribute[];
  /** How often it has enrolled; -1 if it is revoked. */
  readonly state: number;
  /** -1 for any number. */
  readonly maxEnrollments: number;
  /** Wrong passwords since the last right one. */
  readonly failedLogins: number;
}

/** State of an identity that is revoked. */
export const revokedState = -1;

/** A certificate that was issued. */
export interface CertificateRecord {
  /** By which it is known: both hexadecimal in lower case, without leading zeros. */
  readonly serial: string;
  readonly aki: string;
  /** Enrollment id, the certificate's common name. */
  readonly id: string;
  readonly label: string;
  /** Milliseconds since 1970. */
  readonly expiry: number;
  readonly pem: string;
  readonly revoked?: { readonly at: number; readonly reason: number };
}

/** Hexadecimal as certificates are known by: lower case, no colons, no leading zeros. */
export const normalHex = (text: string): string => text.toLowerCase().replace(/^0+/, '').replaceAll(':', '');
