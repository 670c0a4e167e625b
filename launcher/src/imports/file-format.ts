import { type ImportFormat } from '@medigraph/platform/fhir';

const formats: readonly (readonly [RegExp, ImportFormat])[] = [
  [/\.(ndjson|jsonl)(\.gz)?$/i, 'ndjson'],
  [/\.json(\.gz)?$/i, 'bundle'],
];

/** How a file is written, by its name; undefined for one that is nothing to import. */
export function formatOf(file: string): ImportFormat | undefined {
  return formats.find(([pattern]) => pattern.test(file))?.[1];
}
