/** Where entries come from: FHIR R4 Provenance, as far as the ledger shows it. */
import { z } from 'zod';
import { acquisitionMethods, provenanceAgentKinds } from '../../vocabulary.js';
import { identifier } from '../primitives.js';

/** FHIR Provenance.agent.who: a patient's address, or the id of an institution, practitioner, program or device. */
export const provenanceAgent = z.strictObject({ kind: z.enum(provenanceAgentKinds), id: identifier });
export type ProvenanceAgent = z.infer<typeof provenanceAgent>;

/** The system that a writer took something from, by a name of theirs: never anything of the patient. */
export const sourceSystem = identifier.max(64);

/** Who brought an entry and how, as the contract found it from who signed. When is the entry's `recordedAt`. */
export const provenance = z.strictObject({
  agent: provenanceAgent,
  /** FHIR Provenance.agent.onBehalfOf: institution of a practitioner, program or device. */
  onBehalfOf: identifier.optional(),
  method: z.enum(acquisitionMethods),
  source: sourceSystem.optional(),
});
export type Provenance = z.infer<typeof provenance>;

/** How an institution says that it came by what it proposes. */
export const acquisition = z.strictObject({
  method: z.enum(['entered', 'imported']).optional(),
  source: sourceSystem.optional(),
});
