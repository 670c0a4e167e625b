/** Provenance of an entry as the FHIR R4 resource. */
import { type care, type ProvenanceAgentKind } from '@medigraph/schema';
import { type FhirResource } from '@medigraph/schema/scalars';

/** FHIR types of those who bring entries; a program is a Device in FHIR too. */
const typeOfAgent: Readonly<Record<ProvenanceAgentKind, string>> = {
  patient: 'Patient',
  institution: 'Organization',
  practitioner: 'Practitioner',
  application: 'Device',
  device: 'Device',
};

const agentTypes = 'http://terminology.hl7.org/CodeSystem/provenance-participant-type';

/** What entries are identified by outside of the graph. */
const entrySystem = 'urn:medigraph:entry';

/** Who is said to have done what to it: FHIR's ParticipationRoleType. */
const roleOf: Readonly<Record<care.Provenance['method'], string>> = {
  entered: 'author',
  imported: 'transmitter',
  measured: 'performer',
  contributed: 'author',
};

/** @param id - of the entry in the graph. */
export function fhirProvenance(
  id: string,
  { agent, onBehalfOf, method, source }: care.Provenance,
  recordedAt: string,
): FhirResource {
  return {
    resourceType: 'Provenance',
    target: [{ identifier: { system: entrySystem, value: id } }],
    recorded: recordedAt,
    agent: [
      {
        type: { coding: [{ system: agentTypes, code: roleOf[method] }] },
        who: { reference: `${typeOfAgent[agent.kind]}/${agent.id}` },
        ...(onBehalfOf !== undefined && { onBehalfOf: { reference: `Organization/${onBehalfOf}` } }),
      },
    ],
    ...(source !== undefined && { entity: [{ role: 'source', what: { display: source } }] }),
  };
}
