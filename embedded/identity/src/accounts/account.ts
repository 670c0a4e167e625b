import { primitives, roles } from '@medigraph/schema';
import { z } from 'zod';

/** Who somebody is to the graph; what their access tokens will say of them. */
const person = z.strictObject({
  /** A patient's chain address, or `<institution>/<user>`. It is also the id of the account, and stays. */
  subject: z.string().min(1).max(256),
  /** Devices and programs have clients, not accounts. */
  role: z.enum(roles).exclude(['contributor', 'dapp']),
  mspId: primitives.mspId,
  institution: primitives.identifier.optional(),
  practitioner: primitives.identifier.optional(),
  patient: primitives.chainAddress.optional(),
});

/** {@link person} with what must agree in it. */
export const accountHolder = person
  .refine(({ role, patient }) => (role === 'patient') === (patient !== undefined), {
    error: 'a patient, and nobody else, has a chain address',
    path: ['patient'],
  })
  .refine(({ subject, patient }) => patient === undefined || subject === patient, {
    error: 'must be the chain address of the patient',
    path: ['subject'],
  })
  .refine(({ patient, institution }) => patient === undefined || institution === undefined, {
    error: 'a patient acts for no institution',
    path: ['institution'],
  })
  .refine(
    ({ role, subject, institution }) =>
      role === 'patient' || (institution !== undefined && subject.startsWith(`${institution}/`)),
    { error: 'must start with the institution and a slash', path: ['subject'] },
  )
  .refine(({ practitioner, institution }) => practitioner === undefined || institution !== undefined, {
    error: 'a practitioner works for an institution',
    path: ['practitioner'],
  });
export type AccountHolder = z.infer<typeof accountHolder>;

/** What somebody types to sign in: 3 to 64 letters, digits and `.`, `_`, `-`, `@`; case does not count. */
export const username = z
  .string()
  .trim()
  .toLowerCase()
  .regex(/^[\p{L}\p{N}](?:[\p{L}\p{N}._@-]{1,62})[\p{L}\p{N}]$/u);

/** An authenticator app of an account. */
const totp = z.strictObject({
  /** Base32. */
  secret: z.string(),
  /** Last time step whose code was accepted; it and those before it are not accepted again. */
  lastStep: z.int(),
});

const passkey = z.strictObject({
  /** Credential id, base64url. */
  id: z.string(),
  /** COSE key, base64url. */
  publicKey: z.string(),
  counter: z.int().min(0),
  transports: z.array(z.string()).optional(),
  /** Bound to one device, or synchronised among several. */
  deviceType: z.enum(['singleDevice', 'multiDevice']),
  createdAt: z.iso.datetime(),
});
export type Passkey = z.infer<typeof passkey>;

export const account = z.strictObject({
  holder: person,
  username: z.string().optional(),
  /** Of `hashPassword`; absent until the account is claimed, or where passkeys are all there is. */
  password: z.string().optional(),
  totp: totp.optional(),
  passkeys: z.array(passkey),
  /** SHA-256 of those that are left, base64url. */
  recoveryCodes: z.array(z.string()),
  disabled: z.boolean(),
  /** Epoch seconds: what was signed in before is signed out. */
  signedOutBefore: z.int().optional(),
  createdAt: z.iso.datetime(),
});
export type Account = z.infer<typeof account>;

/** True if the account has something beside its password. */
export const hasSecondFactor = ({ totp: app, passkeys }: Account): boolean =>
  app !== undefined || passkeys.length > 0;
