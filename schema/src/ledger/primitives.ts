import { z } from 'zod';

/** The first 20 bytes of SHA-256 over a public key's SubjectPublicKeyInfo (DER), in lower-case hex. */
export const chainAddress = z
  .string()
  .regex(/^[0-9a-f]{40}$/, 'must be a chain address: 40 lower-case hex digits');

/** Identifiers that callers choose: unguessable where they name a person's data, and fit for a composite key. */
export const identifier = z
  .string()
  .regex(
    /^[A-Za-z0-9][A-Za-z0-9._:-]{0,127}$/,
    'must be 1 to 128 of A-Z a-z 0-9 . _ : - and start with a letter or digit',
  );

/** SHA-256 in lower-case hex. */
export const sha256 = z
  .string()
  .regex(/^[0-9a-f]{64}$/, 'must be a SHA-256 digest: 64 lower-case hex digits');

/** A calendar day, `YYYY-MM-DD`. */
export const date = z.iso.date();

/** An instant in UTC with milliseconds, as `Date.toISOString` writes it. */
export const instant = z.iso.datetime({ precision: 3 });

/** FHIR Period over days; an absent bound is open; both bounds are inside. */
export const dayPeriod = z
  .strictObject({ start: date.optional(), end: date.optional() })
  .refine(
    (period) => !period.start || !period.end || period.start <= period.end,
    'end must not lie before start',
  );
export type DayPeriod = z.infer<typeof dayPeriod>;

/** FHIR Period over instants; an absent bound is open; the end is outside. */
export const instantPeriod = z
  .strictObject({ start: instant.optional(), end: instant.optional() })
  .refine((period) => !period.start || !period.end || period.start < period.end, 'end must lie after start');
export type InstantPeriod = z.infer<typeof instantPeriod>;

/** FHIR Money; the value is a decimal string, so that no amount passes through a binary float. */
export const money = z.strictObject({
  value: z
    .string()
    .regex(/^(0|[1-9][0-9]{0,11})\.[0-9]{2}$/, 'must be an amount with two decimals, such as 129.16'),
  currency: z.string().regex(/^[A-Z]{3}$/, 'must be an ISO 4217 code'),
});
export type Money = z.infer<typeof money>;

/** A public P-256 key with which something is signed: SubjectPublicKeyInfo (DER) in base64. */
export const signingKey = z.base64().length(124, 'must be the SubjectPublicKeyInfo of a P-256 key in base64');

/** ECDSA on P-256 over SHA-256, as Web Crypto and JOSE write it: R and S of 32 bytes each, in base64. */
export const signature = z.base64().length(88, 'must be R and S of a P-256 signature in base64');

const base64url = /^[A-Za-z0-9_-]+$/;

/** A public P-256 key for ECDH-ES, as a JWK. */
export const encryptionKey = z.strictObject({
  kty: z.literal('EC'),
  crv: z.literal('P-256'),
  x: z.string().length(43).regex(base64url),
  y: z.string().length(43).regex(base64url),
  kid: z.string().min(1).max(128),
});
export type EncryptionKey = z.infer<typeof encryptionKey>;

/** A content key wrapped for one recipient: JWE compact serialisation, `ECDH-ES+A256KW` with `A256GCM`. */
export const wrappedKey = z
  .string()
  .max(1024)
  .regex(/^[\w-]+(\.[\w-]+){4}$/, 'must be a compact JWE');

/** Most characters of a sealed body that one transaction carries whole. */
export const wholeBodyCharacters = 1_500_000;

/** A ciphertext body: JWE compact serialisation, `dir` with `A256GCM` (its second part is empty). */
export const sealedBody = z
  .string()
  .max(wholeBodyCharacters)
  .regex(/^[\w-]+\.\.[\w-]+\.[\w-]*\.[\w-]+$/, 'must be a compact JWE with direct encryption');

export const mspId = z.string().regex(/^[A-Za-z0-9][A-Za-z0-9.-]{0,63}$/, 'must be an MSP id');
