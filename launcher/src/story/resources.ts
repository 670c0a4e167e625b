/** FHIR R4 resources of the story. */
const days = (offset: number) => new Date(Date.now() + offset * 86_400_000).toISOString().slice(0, 10);

export const today = () => days(0);

export function haemoglobin(patient: string) {
  return {
    resourceType: 'Observation',
    status: 'final',
    category: [
      {
        coding: [
          { system: 'http://terminology.hl7.org/CodeSystem/observation-category', code: 'laboratory' },
        ],
      },
    ],
    code: {
      coding: [{ system: 'http://loinc.org', code: '718-7', display: 'Hemoglobin [Mass/volume] in Blood' }],
    },
    subject: { reference: `Patient/${patient}` },
    effectiveDateTime: today(),
    valueQuantity: { value: 13.2, unit: 'g/dL', system: 'http://unitsofmeasure.org', code: 'g/dL' },
  };
}

export function bloodCountClaim(patient: string, provider: string) {
  const usd = (value: number) => ({ value, currency: 'USD' });
  const line = (sequence: number, code: string, display: string, price: number) => ({
    sequence,
    productOrService: { coding: [{ system: 'http://snomed.info/sct', code, display }] },
    servicedDate: today(),
    quantity: { value: 1 },
    unitPrice: usd(price),
    net: usd(price),
  });
  return {
    resourceType: 'Claim',
    status: 'active',
    type: { coding: [{ system: 'http://terminology.hl7.org/CodeSystem/claim-type', code: 'professional' }] },
    use: 'claim',
    patient: { reference: `Patient/${patient}` },
    created: today(),
    provider: { reference: `Organization/${provider}` },
    priority: {
      coding: [{ system: 'http://terminology.hl7.org/CodeSystem/processpriority', code: 'normal' }],
    },
    insurance: [{ sequence: 1, focal: true, coverage: { display: 'Coverage of the story' } }],
    item: [
      line(1, '185349003', 'Encounter for check up', 129.16),
      line(2, '26604007', 'Complete blood count', 41.5),
    ],
    total: usd(170.66),
  };
}
