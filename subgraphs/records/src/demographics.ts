import { type FhirResource } from '@medigraph/schema/scalars';
import { z } from 'zod';

/** What the graph shows of a FHIR Patient beside the resource itself. */
export interface Demographics {
  readonly name?: string;
  readonly birthDate?: string;
  readonly gender?: string;
}

const humanName = z.object({
  use: z.string().optional(),
  text: z.string().optional(),
  prefix: z.array(z.string()).optional(),
  given: z.array(z.string()).optional(),
  family: z.string().optional(),
});
const fhirPatient = z.object({
  name: z.array(humanName).optional(),
  birthDate: z.string().optional(),
  gender: z.string().optional(),
});

/** Name (the official one, or the first), day of birth and gender; whatever of it the resource has. */
export function demographicsOf(resource: FhirResource): Demographics {
  const parsed = fhirPatient.safeParse(resource);
  if (!parsed.success) return {};
  const { name: names = [], birthDate, gender } = parsed.data;
  const name = names.find(({ use }) => use === 'official') ?? names[0];
  const parts = name && [...(name.prefix ?? []), ...(name.given ?? []), name.family];
  return {
    name: name?.text ?? parts?.filter((part) => part !== undefined).join(' '),
    // FHIR allows a year or a month alone, which is no day.
    birthDate: birthDate !== undefined && /^\d{4}-\d\d-\d\d$/.test(birthDate) ? birthDate : undefined,
    gender,
  };
}
