/** The claims of an access token (RFC 9068, with four of our own) and the caller they name. */
import { primitives, roles } from '@medigraph/schema';
import { dappOfClient } from '@medigraph/schema/dapps';
import { z } from 'zod';
import { type Caller } from './caller.js';

export const tokenType = 'at+jwt';
export const tokenAlgorithm = 'ES256';

/** Scopes as RFC 6749 writes them: one string, separated by single spaces. */
const scope = z.string().regex(/^$|^[\x21\x23-\x5b\x5d-\x7e]+( [\x21\x23-\x5b\x5d-\x7e]+)*$/);

const claims = z.object({
  sub: z.string().min(1).max(256),
  exp: z.int(),
  scope: scope.optional(),
  role: z.enum(roles),
  msp_id: primitives.mspId,
  institution: primitives.identifier.optional(),
  patient: primitives.chainAddress.optional(),
  practitioner: primitives.identifier.optional(),
  client_id: z.string().min(1).max(2_048).optional(),
  acr: z.string().min(1).max(256).optional(),
  amr: z.array(z.string().min(1).max(64)).max(16).optional(),
  auth_time: z.int().min(0).optional(),
});

const ofPatient = claims
  .extend({
    role: z.literal('patient'),
    patient: primitives.chainAddress,
    institution: z.undefined().optional(),
    practitioner: z.undefined().optional(),
  })
  .refine(({ sub, patient }) => sub === patient, 'sub must be the chain address of the patient');

const ofInstitution = claims
  .extend({ role: z.enum(roles).exclude(['patient']), patient: z.undefined().optional() })
  .refine(
    ({ sub, institution }) => institution === undefined || sub.startsWith(`${institution}/`),
    'sub must start with the institution',
  )
  .refine(
    ({ role, institution, practitioner, client_id }) =>
      role !== 'dapp' ||
      (institution !== undefined &&
        practitioner === undefined &&
        dappOfClient(client_id ?? '') !== undefined),
    'the back end of a DApp is the client of that DApp, and stands in an institution’s place',
  )
  .refine(
    ({ institution, practitioner }) => practitioner === undefined || institution !== undefined,
    'a practitioner works for an institution',
  );

/** Reads a {@link Caller} out of verified claims. */
export const callerClaims = z.union([ofPatient, ofInstitution]).transform((token): Caller => ({
  subject: token.sub,
  role: token.role,
  mspId: token.msp_id,
  ...(token.institution !== undefined && { institution: token.institution }),
  ...(token.patient !== undefined && { patient: token.patient }),
  ...(token.practitioner !== undefined && { practitioner: token.practitioner }),
  ...(token.client_id !== undefined && { clientId: token.client_id }),
  ...(token.acr !== undefined && { acr: token.acr }),
  ...(token.amr !== undefined && { amr: token.amr }),
  ...(token.auth_time !== undefined && { authenticatedAt: token.auth_time }),
  scopes: new Set(token.scope === undefined || token.scope === '' ? [] : token.scope.split(' ')),
  expiresAt: token.exp,
}));

/** The claims that say who a caller is. */
export function claimsOf(
  caller: Omit<Caller, 'expiresAt' | 'scopes'> & { scopes: readonly string[] },
): Record<string, unknown> {
  return {
    sub: caller.subject,
    scope: caller.scopes.join(' '),
    role: caller.role,
    msp_id: caller.mspId,
    institution: caller.institution,
    patient: caller.patient,
    practitioner: caller.practitioner,
    client_id: caller.clientId ?? 'medigraph',
    acr: caller.acr,
    amr: caller.amr,
    auth_time: caller.authenticatedAt,
  };
}
