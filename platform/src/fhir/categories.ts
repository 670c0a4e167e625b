import { type EntryCategory, type ResourceType } from '@medigraph/schema';
import { type FhirResource } from 'fhir/r4.js';

/** Resource types by the category that an entry of the ledger shows for them; a type not listed is `other`. */
const typesOf: Readonly<Partial<Record<EntryCategory, readonly ResourceType[]>>> = {
  identity: ['Patient', 'Person', 'RelatedPerson'],
  encounter: ['Appointment', 'AppointmentResponse', 'Encounter', 'EpisodeOfCare'],
  observation: ['BodyStructure', 'MolecularSequence', 'Observation', 'Specimen'],
  condition: [
    'AdverseEvent',
    'ClinicalImpression',
    'Condition',
    'DetectedIssue',
    'FamilyMemberHistory',
    'Flag',
    'RiskAssessment',
  ],
  medication: [
    'Medication',
    'MedicationAdministration',
    'MedicationDispense',
    'MedicationKnowledge',
    'MedicationRequest',
    'MedicationStatement',
    'NutritionOrder',
  ],
  procedure: ['Procedure', 'ServiceRequest'],
  report: ['DiagnosticReport'],
  immunization: ['Immunization', 'ImmunizationEvaluation', 'ImmunizationRecommendation'],
  allergy: ['AllergyIntolerance'],
  'care-plan': ['CarePlan', 'CareTeam', 'Goal', 'RequestGroup', 'Task'],
  device: [
    'Device',
    'DeviceMetric',
    'DeviceRequest',
    'DeviceUseStatement',
    'SupplyDelivery',
    'SupplyRequest',
    'VisionPrescription',
  ],
  imaging: ['ImagingStudy', 'Media'],
  document: [
    'Binary',
    'Bundle',
    'Composition',
    'DocumentManifest',
    'DocumentReference',
    'QuestionnaireResponse',
  ],
};

const categoryOfType: ReadonlyMap<string, EntryCategory> = new Map(
  (Object.entries(typesOf) as [EntryCategory, readonly ResourceType[]][]).flatMap(([category, types]) =>
    types.map((type): [string, EntryCategory] => [type, category]),
  ),
);

/** The category under which the ledger's index shows a resource. */
export function categoryOf(resource: FhirResource): EntryCategory {
  return categoryOfType.get(resource.resourceType) ?? 'other';
}
