import { type FhirResource } from '@medigraph/schema/scalars';
import { z } from 'zod';
import { CodeableConcept, Coding } from './types.js';

const fhirClaim = z.object({
  item: z.array(
    z.object({
      sequence: z.number(),
      productOrService: z.object({
        coding: z
          .array(
            z.object({
              system: z.string().optional(),
              code: z.string().optional(),
              display: z.string().optional(),
            }),
          )
          .optional(),
        text: z.string().optional(),
      }),
    }),
  ),
});

/** What was done in a line of a FHIR Claim; undefined if it has no such line. */
export function productOrServiceOf(resource: FhirResource, sequence: number): CodeableConcept | undefined {
  const line = fhirClaim.safeParse(resource).data?.item.find((item) => item.sequence === sequence);
  if (line === undefined) return undefined;
  const { coding = [], text } = line.productOrService;
  return Object.assign(new CodeableConcept(), {
    coding: coding.map((one) => Object.assign(new Coding(), one)),
    text,
  });
}
