/** Fabric CA's numbers for the ways in which it refuses a request. */
export const refusalCode = {
  unknown: 0,
  methodNotAllowed: 1,
  noAuthorization: 2,
  readingBody: 3,
  emptyBody: 4,
  badBody: 5,
  notRevoker: 7,
  certificateNotFound: 8,
  certificateOfAnother: 9,
  revokedIdentityNotFound: 10,
  revokeArguments: 15,
  affiliation: 16,
  caNotFound: 19,
  authentication: 20,
  noUserAndPassword: 21,
  enrollDisabled: 22,
  invalidUser: 23,
  invalidPassword: 24,
  invalidToken: 25,
  untrustedCertificate: 26,
  certificateRevoked: 28,
  callerCertificateNotFound: 30,
  badRequest: 31,
  notGenCrl: 35,
  revokedAfter: 36,
  expireAfter: 37,
  crlSignUsage: 46,
  attributeAuthority: 42,
  notRegistrar: 43,
  notAffiliated: 44,
  gettingUser: 49,
  addIdentity: 52,
  removeIdentity: 56,
  modifyIdentity: 58,
  missingRole: 59,
  addAffiliation: 60,
  removeAffiliation: 61,
  databaseGet: 63,
  modifyAffiliation: 64,
  alreadyRevoked: 66,
  gettingCertificate: 67,
  authorization: 71,
  passwordAttempts: 73,
  duplicateIdentity: 74,
  registrarAuthority: 76,
  commonName: 77,
  invokerAttribute: 78,
  invalidBoolean: 79,
  requestInput: 80,
  maxEnrollments: 82,
} as const;
export type RefusalCode = (typeof refusalCode)[keyof typeof refusalCode];

/** Why the server's log says it was refused, where the caller is told less. */
interface Told {
  readonly code: RefusalCode;
  readonly message: string;
}

/** A request is refused: HTTP status, number and words that the caller is told, and those that only the log has. */
export class Refusal extends Error {
  readonly logged: Told;

  constructor(
    readonly status: number,
    readonly code: RefusalCode,
    message: string,
    logged?: Told,
  ) {
    super(message);
    this.name = 'Refusal';
    this.logged = logged ?? { code, message };
  }

  /** Who calls is not known for sure. The caller is not told why. */
  static authentication(code: RefusalCode, message: string): Refusal {
    return new Refusal(401, refusalCode.authentication, 'Authentication failure', { code, message });
  }

  /** Who calls may not do this. The caller is not told why. */
  static authorization(code: RefusalCode, message: string): Refusal {
    return new Refusal(403, refusalCode.authorization, 'Authorization failure', { code, message });
  }

  /** Something that Fabric CA has no number for. */
  static unknown(message: string): Refusal {
    return new Refusal(500, refusalCode.unknown, message);
  }
}
