import { claimNumbers } from '@medigraph/platform/fhir';
import { type Bundle, type Claim, type ClaimItem, type FhirResource } from 'fhir/r4.js';
import { priceLines } from './billing.js';
import { BundleConverter } from './convert.js';
import { splitClaim } from './split-claim.js';

const synthea = 'https://github.com/synthetichealth/synthea';
const npi = 'http://hl7.org/fhir/sid/us-npi';

function bundleOf(...resources: FhirResource[]): Bundle {
  return {
    resourceType: 'Bundle',
    type: 'transaction',
    entry: resources.map((resource) => ({ fullUrl: `urn:uuid:${resource.id ?? ''}`, resource })),
  };
}

const hospital: FhirResource = {
  resourceType: 'Organization',
  id: 'o1',
  name: 'General',
  identifier: [{ system: synthea, value: 'o1' }],
};
const doctor: FhirResource = {
  resourceType: 'Practitioner',
  id: 'd1',
  identifier: [{ system: npi, value: '99' }],
};
const patient: FhirResource = { resourceType: 'Patient', id: 'p1' };
const visit: FhirResource = {
  resourceType: 'Encounter',
  id: 'e1',
  status: 'finished',
  class: {},
  subject: { reference: 'urn:uuid:p1', display: 'Someone' },
  participant: [{ individual: { reference: `Practitioner?identifier=${npi}|99` } }],
  location: [{ location: { reference: `Location?identifier=${synthea}|unknown`, display: 'Elsewhere' } }],
  serviceProvider: { reference: `Organization?identifier=${synthea}|o1` },
};

const usd = (value: number) => ({ value, currency: 'USD' as const });

function claimOf(id: string, payer: string, day: string, total: number, nets: (number | undefined)[]): Claim {
  return {
    resourceType: 'Claim',
    id,
    status: 'active',
    type: {},
    use: 'claim',
    patient: { reference: 'urn:uuid:p1' },
    created: day,
    billablePeriod: { start: `${day}T10:00:00+00:00` },
    provider: { reference: `Organization?identifier=${synthea}|o1` },
    priority: {},
    insurance: [{ sequence: 1, focal: true, coverage: { display: payer } }],
    item: nets.map((net, index): ClaimItem => ({
      sequence: index + 1,
      productOrService: {},
      ...(net !== undefined && { net: usd(net) }),
    })),
    total: usd(total),
  };
}

describe('BundleConverter', () => {
  const shared = [bundleOf(hospital), bundleOf(doctor)];

  test('makes references work outside of the bundle', () => {
    const [encounter] = new BundleConverter(shared).convert(bundleOf(patient, visit)).resources;
    expect(encounter).toMatchObject({
      subject: { reference: 'Patient/p1', display: 'Someone' },
      participant: [{ individual: { reference: 'Practitioner/d1' } }],
      location: [
        {
          location: {
            type: 'Location',
            identifier: { system: synthea, value: 'unknown' },
            display: 'Elsewhere',
          },
        },
      ],
      serviceProvider: { reference: 'Organization/o1' },
    });
  });

  test('leaves out what the ledger says itself', () => {
    const provenance: FhirResource = {
      resourceType: 'Provenance',
      id: 'x',
      target: [],
      recorded: '',
      agent: [],
    };
    expect(new BundleConverter(shared).convert(bundleOf(patient, visit, provenance)).resources).toHaveLength(
      1,
    );
  });

  test('names payers and coverages that Synthea leaves unsaid', () => {
    const converter = new BundleConverter(shared);
    const { claims, coverages } = converter.convert(
      bundleOf(
        patient,
        claimOf('c1', 'Humana', '2020-01-01', 10, [undefined]),
        claimOf('c2', 'Humana', '2021-01-01', 10, [undefined]),
        claimOf('c3', 'Medicare', '2022-01-01', 10, [undefined]),
        claimOf('c4', 'NO_INSURANCE', '2023-01-01', 10, [undefined]),
      ),
    );
    expect(coverages).toEqual([
      expect.objectContaining({ id: 'humana-p1', period: { start: '2020-01-01', end: '2021-01-01' } }),
      expect.objectContaining({ id: 'medicare-p1', period: { start: '2022-01-01' } }),
    ]);
    expect(claims[0]).toMatchObject({
      insurer: { reference: 'Organization/payer-humana' },
      insurance: [{ coverage: { reference: 'Coverage/humana-p1' } }],
    });
    expect(claims[3]).not.toHaveProperty('insurer');
    expect(converter.directory().payers.map(({ id }) => id)).toEqual(['payer-humana', 'payer-medicare']);
  });

  test('refuses a bundle without a patient', () => {
    expect(() => new BundleConverter(shared).convert(bundleOf(visit))).toThrow('no patient');
  });
});

describe('priceLines', () => {
  test.each<[string, number, (number | undefined)[], number[]]>([
    [
      'what the total leaves is the visit’s',
      347.38,
      [undefined, 136, undefined, 74.58],
      [136.8, 136, 0, 74.58],
    ],
    ['the only line of a pharmacy claim is the total', 3.12, [undefined], [3.12]],
    ['a total short of its lines is restated', 100, [undefined, 80.1, 40.2], [0, 80.1, 40.2]],
    ['a rest with every line priced goes to the first', 10, [1, 2], [8, 2]],
  ])('%s', (_what, total, nets, expected) => {
    const claim = priceLines(claimOf('c', 'Humana', '2020-01-01', total, nets), new Map());
    expect(claim.item?.map(({ net }) => net?.value)).toEqual(expected);
    expect(claim.item?.every(({ servicedDate }) => servicedDate === '2020-01-01')).toBe(true);
    const cents = expected.reduce((sum, net) => sum + Math.round(net * 100), 0);
    expect(claim.total?.value).toBe(cents / 100);
  });

  test('dates a line by what it bills', () => {
    const claim = claimOf('c', 'Humana', '2020-01-01', 10, [undefined, 1, 2]);
    const [, procedureLine, immunizationLine] = claim.item ?? [];
    Object.assign(procedureLine ?? {}, { procedureSequence: [1] });
    Object.assign(immunizationLine ?? {}, { informationSequence: [1] });
    const billing: Claim = {
      ...claim,
      procedure: [{ sequence: 1, procedureReference: { reference: 'Procedure/x' } }],
      supportingInfo: [{ sequence: 1, category: {}, valueReference: { reference: 'Immunization/y' } }],
    };
    const days = new Map([
      ['Procedure/x', '2020-01-05'],
      ['Immunization/y', '2020-01-03'],
    ]);
    expect(priceLines(billing, days).item?.map(({ servicedDate }) => servicedDate)).toEqual([
      '2020-01-01',
      '2020-01-05',
      '2020-01-03',
    ]);
  });

  test('refuses an amount that is not of whole cents', () => {
    expect(() => priceLines(claimOf('c9', 'Humana', '2020-01-01', 1.001, [undefined]), new Map())).toThrow(
      'claim c9',
    );
  });
});

describe('splitClaim', () => {
  const long = priceLines(
    claimOf('c', 'Humana', '2020-01-01', 1000, [undefined, ...Array<number>(450).fill(1.1)]),
    new Map(),
  );
  const parts = splitClaim(long);

  test('cuts a claim that is too long, and loses nothing', () => {
    expect(parts.map(({ id, item, total }) => [id, item?.length, total?.value])).toEqual([
      ['c', 200, 723.9],
      ['c-2', 200, 220],
      ['c-3', 51, 56.1],
    ]);
    expect(parts.flatMap(({ item }) => item ?? [])).toEqual(long.item);
    expect(parts[2]?.related).toEqual([{ claim: { reference: 'Claim/c' } }]);
  });

  test('gives claims whose numbers the ledger takes', () => {
    for (const part of parts) claimNumbers(part, { beneficiary: '0'.repeat(40), provider: 'o1' });
    expect(splitClaim(parts[0] as Claim)).toEqual([parts[0]]);
  });
});
