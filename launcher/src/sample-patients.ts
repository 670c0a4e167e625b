import { readFile, writeFile } from 'node:fs/promises';
import { z } from 'zod';

/** Which population was loaded into a data folder, and whom it is about. */
const marker = z.object({
  /** SHA-256 of its directory, in hex. */
  population: z.string(),
  /** Chain addresses. */
  patients: z.array(z.string()).readonly(),
});
export type LoadedPopulation = z.infer<typeof marker>;

/** What the marker file says; undefined if nothing was loaded. */
export async function loadedPopulation(markerFile: string): Promise<LoadedPopulation | undefined> {
  const text = await readFile(markerFile, 'utf8').catch(() => undefined);
  return text === undefined ? undefined : marker.parse(JSON.parse(text));
}

export const noteLoadedPopulation = (markerFile: string, loaded: LoadedPopulation): Promise<void> =>
  writeFile(markerFile, JSON.stringify(loaded));

/** Chain addresses of the patients of the population that was loaded; empty if none was. */
export const samplePatients = async (markerFile: string): Promise<readonly string[]> =>
  (await loadedPopulation(markerFile))?.patients ?? [];
