import { readFile } from 'node:fs/promises';
import path from 'node:path';
import { z } from 'zod';
import { PopulationInvalidError } from '../errors.js';

const sha256 = z.string().regex(/^[0-9a-f]{64}$/);
const count = z.int().min(0);

/** A compressed NDJSON file of the population. */
const populationFile = z.strictObject({
  /** Below the population's folder. */
  path: z.string().regex(/^[A-Za-z0-9][A-Za-z0-9._/-]*$/),
  /** Of the file as it is on disk. */
  sha256,
  bytes: count,
  /** Uncompressed; bounds what a reader unpacks. */
  contentBytes: count.max(1 << 28),
});
export type PopulationFile = z.infer<typeof populationFile>;

/** What a population holds and how it was made; `manifest.json` in its folder, written last. */
export const manifest = z.strictObject({
  format: z.literal('medigraph-population/1'),
  generator: z.strictObject({
    name: z.literal('Synthea'),
    version: z.string(),
    seed: z.int(),
    /** People alive at the reference date; those who died are there besides. */
    livingPatients: count,
    /** `YYYY-MM-DD`: the day the records end. */
    referenceDate: z.iso.date(),
    /** Years of records before the reference date or death; 0 means whole lives. */
    yearsOfHistory: count,
  }),
  /** Makes the same bytes again. */
  command: z.string(),
  patients: count,
  /** Resource type to number, over all files. */
  counts: z.record(z.string(), count),
  directory: populationFile,
  records: z.array(populationFile.extend({ patient: z.string() })),
});
export type Manifest = z.infer<typeof manifest>;

export const manifestName = 'manifest.json';

/** @throws {@link PopulationInvalidError} naming the file. */
export async function readManifest(folder: string): Promise<Manifest> {
  const name = path.join(folder, manifestName);
  const text = await readFile(name, 'utf8').catch((error: unknown) => {
    throw new PopulationInvalidError(name, 'cannot be read', { cause: error });
  });
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch (error) {
    throw new PopulationInvalidError(name, 'is not JSON', { cause: error });
  }
  const parsed = manifest.safeParse(value);
  if (parsed.success) return parsed.data;
  const [issue] = parsed.error.issues;
  throw new PopulationInvalidError(
    name,
    `is not a manifest: ${issue?.path.join('.') ?? ''} ${issue?.message ?? ''}`,
  );
}
