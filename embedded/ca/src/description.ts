import { readFile } from 'node:fs/promises';
import path from 'node:path';
import { z } from 'zod';
import { CaConfigurationError, reasonOf } from './errors.js';

const authority = z.strictObject({
  /** By which clients ask for it. */
  name: z.string().min(1),
  /** Files: its certificate, that and those above it, its key in PKCS #8. */
  certificate: z.string(),
  chain: z.string(),
  privateKey: z.string(),
  /** The identity that may register others from the beginning; `secret` is the file of its password. */
  registrar: z.strictObject({ name: z.string().min(1), secret: z.string() }),
  affiliations: z.array(z.string().min(1)).default([]),
});
export type AuthorityDescription = z.infer<typeof authority>;

const listener = z.strictObject({
  /** `host:port`; port 0 takes a free one. */
  address: z.string().regex(/^.+:\d+$/, 'must be HOST:PORT'),
  /** Files of its certificate and key; without them it speaks plain HTTP. */
  tls: z.strictObject({ certificate: z.string(), privateKey: z.string() }).optional(),
  /** The first answers requests that name none. */
  authorities: z.array(authority).min(1),
});
export type ListenerDescription = z.infer<typeof listener>;

/** The authorities of a process, by the listeners through which they are reached; paths are relative to the file. */
export const caDescription = z.strictObject({ listeners: z.record(z.string(), listener) });
export type CaDescription = z.infer<typeof caDescription>;

/** @throws {@link CaConfigurationError} naming the file and the place in it. */
export async function readCaDescription(file: string): Promise<CaDescription> {
  let content: unknown;
  try {
    content = JSON.parse(await readFile(file, 'utf8'));
  } catch (error) {
    throw new CaConfigurationError(`${file} cannot be read: ${reasonOf(error)}`, { cause: error });
  }
  const parsed = caDescription.safeParse(content);
  if (!parsed.success) {
    const issues = parsed.error.issues.map(({ path: place, message }) => `${place.join('.')}: ${message}`);
    throw new CaConfigurationError(`${file} does not describe authorities: ${issues.join('; ')}`);
  }
  return resolved(parsed.data, path.dirname(path.resolve(file)));
}

function resolved({ listeners }: CaDescription, folder: string): CaDescription {
  const at = (file: string) => path.resolve(folder, file);
  return {
    listeners: Object.fromEntries(
      Object.entries(listeners).map(([name, { address, tls, authorities }]) => [
        name,
        {
          address,
          ...(tls && { tls: { certificate: at(tls.certificate), privateKey: at(tls.privateKey) } }),
          authorities: authorities.map((each) => ({
            ...each,
            certificate: at(each.certificate),
            chain: at(each.chain),
            privateKey: at(each.privateKey),
            registrar: { ...each.registrar, secret: at(each.registrar.secret) },
          })),
        },
      ]),
    ),
  };
}
