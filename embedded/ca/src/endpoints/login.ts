import { type CaRequest } from '../http/ca-request.js';
import { passwordMatches, secretMatches, unmatchable } from '../passwords.js';
import { Refusal, refusalCode } from '../refusal.js';
import { type IdentityRecord, revokedState } from '../store/records.js';

/** Wrong passwords in a row after which none is tried any more. */
const passwordAttempts = 10;

interface Login {
  readonly name: string;
  readonly password: string;
}

function readBasic(authorization: string): Login {
  const match = /^basic ([A-Za-z0-9+/]*={0,2})$/i.exec(authorization);
  const text = match && Buffer.from(match[1] ?? '', 'base64').toString('utf8');
  const colon = text?.indexOf(':') ?? -1;
  if (!text || colon < 0) {
    throw Refusal.authentication(refusalCode.noUserAndPassword, 'No user/pass in authorization header');
  }
  return { name: text.slice(0, colon), password: text.slice(colon + 1) };
}

const failure = (why: string) => Refusal.authentication(refusalCode.invalidPassword, `Login failure: ${why}`);

/** Who may enroll with this password now. */
function requireMayEnroll({ name, state, maxEnrollments }: IdentityRecord): void {
  if (maxEnrollments === 0)
    throw failure(`Zero is an invalid value for maximum enrollments on identity '${name}'`);
  if (state === revokedState) throw failure(`User ${name} is revoked; access denied`);
  if (maxEnrollments === -1 || state < maxEnrollments) return;
  throw failure(
    `The identity ${name} has already enrolled ${maxEnrollments} times, it has reached its maximum enrollment allowance`,
  );
}

const locked = ({ failedLogins }: IdentityRecord) => failedLogins >= passwordAttempts;

/**
 * Finds out who gives a name and a password, counts a wrong one, and forgets the wrong ones before a right one.
 * @throws {@link Refusal} 401
 */
export async function logIn(request: CaRequest): Promise<IdentityRecord> {
  const { name, password } = readBasic(request.authorization);
  const { store, registrarSecret } = request.authority;
  const known = await store.identity(name);
  if (known !== undefined && locked(known)) throw lockedOut(known);
  // Takes as long for a name that there is not: nobody learns the names by the clock.
  const right =
    known !== undefined && known.passwordHash === undefined
      ? secretMatches(password, registrarSecret)
      : await passwordMatches(password, known?.passwordHash ?? unmatchable);
  return store
    .change(async (changes) => {
      const identity = await store.identity(name);
      if (identity === undefined) throw Refusal.authentication(refusalCode.invalidUser, 'Failed to get user');
      // Others may have tried at the same time.
      if (locked(identity)) throw lockedOut(identity);
      if (!right || identity.passwordHash !== known?.passwordHash) {
        changes.putIdentity({ ...identity, failedLogins: identity.failedLogins + 1 });
        return undefined;
      }
      requireMayEnroll(identity);
      if (identity.failedLogins > 0) changes.putIdentity({ ...identity, failedLogins: 0 });
      return identity;
    })
    .then((identity) => {
      if (identity === undefined) throw failure('Password mismatch');
      return identity;
    });
}

const lockedOut = ({ failedLogins }: IdentityRecord) =>
  new Refusal(
    401,
    refusalCode.passwordAttempts,
    `Incorrect password entered ${failedLogins} times, max incorrect password limit of ${passwordAttempts} reached`,
  );
