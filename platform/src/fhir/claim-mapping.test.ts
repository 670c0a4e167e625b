import { type Claim, type ClaimItem } from 'fhir/r4.js';
import { centsOf, decimalOf } from './amounts.js';
import { claimNumbers, duplicateKeyOf, maxClaimLines } from './claim-mapping.js';
import { FhirInvalidError } from './errors.js';

const parties = { beneficiary: 'a'.repeat(40), provider: 'hospital-a' };
const usd = (value: number) => ({ value, currency: 'USD' as const });

function line(sequence: number, more: Partial<ClaimItem>): ClaimItem {
  const coding = [{ system: 'http://snomed.info/sct', code: '185349003' }];
  return { sequence, productOrService: { coding }, ...more };
}

function claim(item: ClaimItem[], more: Partial<Claim> = {}): Claim {
  return {
    resourceType: 'Claim',
    status: 'active',
    type: {},
    use: 'claim',
    patient: {},
    created: '2024-05-02T10:00:00Z',
    provider: {},
    priority: {},
    insurance: [],
    billablePeriod: { start: '2024-05-01T09:00:00+00:00' },
    facility: { reference: 'Location/1' },
    item,
    ...more,
  };
}

function faultOf(faulty: Claim): FhirInvalidError {
  try {
    claimNumbers(faulty, parties);
  } catch (error) {
    if (error instanceof FhirInvalidError) return error;
    throw error;
  }
  throw new Error('the claim was accepted');
}

describe('claimNumbers', () => {
  test('adds up exactly what binary floats do not', () => {
    const { items, total } = claimNumbers(
      claim([line(1, { net: usd(0.1) }), line(2, { net: usd(0.2) }), line(3, { net: usd(2175.11) })], {
        total: usd(2175.41),
      }),
      parties,
    );
    expect(items.map(({ net }) => net.value)).toEqual(['0.10', '0.20', '2175.11']);
    expect(total).toEqual({ value: '2175.41', currency: 'USD' });
  });

  test('gives the ledger’s numbers and the text of the duplicate key', () => {
    const { use, items } = claimNumbers(
      claim([line(7, { quantity: { value: 3 }, unitPrice: usd(1.15), servicedDate: '2024-04-30' })]),
      parties,
    );
    expect(use).toBe('claim');
    expect(items).toEqual([
      {
        sequence: 7,
        servicedDate: '2024-04-30',
        quantity: 3,
        unitPrice: { value: '1.15', currency: 'USD' },
        net: { value: '3.45', currency: 'USD' },
        duplicateKey: JSON.stringify([
          parties.beneficiary,
          '2024-04-30',
          'hospital-a',
          'http://snomed.info/sct|185349003',
          'Location/1',
          '3.45 USD',
        ]),
      },
    ]);
  });

  test.each<[string, Partial<ClaimItem>]>([
    ['a fractional quantity', { quantity: { value: 0.5 }, unitPrice: usd(20) }],
    ['a factor', { factor: 0.5, unitPrice: usd(20) }],
    ['a discount', { quantity: { value: 2 }, unitPrice: usd(6) }],
  ])('carries a line with %s as one unit at its net', (_what, more) => {
    const [item] = claimNumbers(claim([line(1, { ...more, net: usd(10) })]), parties).items;
    expect(item).toMatchObject({ quantity: 1, unitPrice: { value: '10.00' }, net: { value: '10.00' } });
  });

  test('orders the lines by sequence', () => {
    const { items } = claimNumbers(claim([line(2, { net: usd(2) }), line(1, { net: usd(1) })]), parties);
    expect(items.map(({ sequence }) => sequence)).toEqual([1, 2]);
  });

  test('takes the day of the claim for a line without one', () => {
    const [item] = claimNumbers(claim([line(1, { net: usd(1) })]), parties).items;
    expect(item?.servicedDate).toBe('2024-05-01');
  });

  test.each<[string, Claim, string]>([
    ['no lines', claim([], { total: usd(0) }), 'Claim.item'],
    [
      'too many lines',
      claim(Array.from({ length: maxClaimLines + 1 }, (_, index) => line(index + 1, { net: usd(1) }))),
      'Claim.item',
    ],
    ['a sequence twice', claim([line(1, { net: usd(1) }), line(1, { net: usd(1) })]), 'Claim.item'],
    ['a line without price', claim([line(1, {})], { total: usd(1) }), 'Claim.item[0].net'],
    ['a net finer than a cent', claim([line(1, { net: usd(0.001) })]), 'Claim.item[0].net.value'],
    ['a negative net', claim([line(1, { net: usd(-1) })]), 'Claim.item[0].net.value'],
    [
      'another currency',
      claim([line(1, { net: { value: 1, currency: 'EUR' } })], { total: usd(1) }),
      'Claim.item[0].net.currency',
    ],
    ['no currency', claim([line(1, { net: { value: 1 } })]), 'Claim.total.currency'],
    [
      'a total that is not the sum',
      claim([line(1, { net: usd(1) })], { total: usd(2) }),
      'Claim.total.value',
    ],
    ['a use unknown', claim([line(1, { net: usd(1) })], { use: 'wish' as 'claim' }), 'Claim.use'],
  ])('refuses %s', (_what, faulty, path) => {
    expect(faultOf(faulty).issues.map((issue) => issue.path)).toContain(path);
  });
});

test('duplicateKeyOf keeps its parts apart', () => {
  const parts = { beneficiary: 'b', date: 'd', provider: 'p', procedure: 'x', place: 'y', charge: 'c' };
  expect(duplicateKeyOf({ ...parts, procedure: 'xy', place: '' })).not.toBe(duplicateKeyOf(parts));
});

test.each<[number, string | undefined]>([
  [0, '0.00'],
  [0.01, '0.01'],
  [129.1, '129.10'],
  [129.16, '129.16'],
  [1234567890.99, '1234567890.99'],
  [0.30000000000000004, undefined],
  [-1, undefined],
  [1e21, undefined],
  [Number.NaN, undefined],
])('%p is %p', (value, text) => {
  const cents = centsOf(value);
  expect(cents === undefined ? undefined : decimalOf(cents)).toBe(text);
});
