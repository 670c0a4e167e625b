import { z } from 'zod';

/** Our claims, which a provider may know by other names. */
const ours = ['role', 'msp_id', 'institution', 'patient', 'practitioner', 'scope'] as const;

const expression = z.string().regex(/^(=.+|[^=].*)$/, 'must be the name of a claim, or "=" and a value');

/**
 * How the claims of a provider are read, by our name: the name of theirs (`https://example.org/role`, or a path into objects:
 * `medigraph/role`, where no claim is called so as a whole), or `=` and a value that stands for every token (`=HospitalAMSP`).
 */
export const claimNames = z.partialRecord(z.enum(ours), expression);
export type ClaimNames = z.infer<typeof claimNames>;

type Claims = Readonly<Record<string, unknown>>;

const isObject = (value: unknown): value is Claims => typeof value === 'object' && value !== null;

function read(claims: Claims, said: string): unknown {
  if (said.startsWith('=')) return said.slice(1);
  if (Object.hasOwn(claims, said)) return claims[said];
  return said
    .split('/')
    .reduce<unknown>(
      (value, name) => (isObject(value) && Object.hasOwn(value, name) ? value[name] : undefined),
      claims,
    );
}

/** The subject as the graph knows it: a patient's chain address, or the institution and whom it knows the user as. */
function subjectOf({ sub, patient, institution }: Claims): unknown {
  if (typeof patient === 'string') return patient;
  if (typeof sub !== 'string' || typeof institution !== 'string') return sub;
  return sub.startsWith(`${institution}/`) ? sub : `${institution}/${sub}`;
}

/** Claims under our names; what the names do not mention is read as it stands. */
export function renamedClaims(claims: Claims, names: ClaimNames): Claims {
  const renamed = Object.fromEntries(
    Object.entries(names).map(([name, said]) => [name, read(claims, said)] as const),
  );
  const all = { ...claims, ...renamed };
  return { ...all, sub: subjectOf(all) };
}
