/** The people of the claims suite's tests, and calls that check every answer and event against the schema. */
import { ContractBench, type BenchIdentity, type Endorsed } from '@medigraph/chaincode-lib/testing';
import { CareScene, encryptionKey } from '@medigraph/chaincode-care/testing';
import { claims, claimsTransactions, type ClaimsTransaction } from '@medigraph/schema';
import { moneyOf, minorUnits, sha256Of } from '@medigraph/chaincode-lib';
import { z } from 'zod';
import { contracts } from '../index.js';

type Table = typeof claimsTransactions;
type Argument<Name extends ClaimsTransaction> = z.input<Table[Name]['argument']>;
type Answer<Name extends ClaimsTransaction> = z.output<Table[Name]['answer']>;

export interface Answered<Name extends ClaimsTransaction> extends Endorsed {
  readonly result: Answer<Name>;
}

export const usd = (value: string) => ({ value, currency: 'USD' });

/** A line of one unit at a price; the hash is of its charge unless said otherwise. */
export function line(
  sequence: number,
  price: string,
  changes: Partial<claims.ClaimItem> = {},
): claims.ClaimItem {
  return {
    sequence,
    servicedDate: '2026-01-10',
    quantity: 1,
    unitPrice: usd(price),
    net: usd(price),
    duplicateKeyHash: sha256Of(`${sequence} ${price}`),
    ...changes,
  };
}

/** What an insurer decides of one line. */
export const decided = (sequence: number, benefit: string, reason?: string) => ({
  sequence,
  adjudication: [
    { category: 'benefit' as const, amount: usd(benefit), ...(reason !== undefined && { reason }) },
  ],
});

export class ClaimsScene {
  private constructor(
    /** Where the people are registered. */
    readonly care: CareScene,
    readonly bench: ContractBench,
  ) {}

  get hospital(): BenchIdentity {
    return this.care.hospital;
  }
  get otherHospital(): BenchIdentity {
    return this.care.otherHospital;
  }
  get insurer(): BenchIdentity {
    return this.care.insurer;
  }
  get regulator(): BenchIdentity {
    return this.care.regulator;
  }
  get patient(): BenchIdentity {
    return this.care.patient;
  }
  get otherPatient(): BenchIdentity {
    return this.care.otherPatient;
  }

  /** A channel of InsurerA with coverage `cov` of the patient for 2026 in US dollars. */
  static async open(): Promise<ClaimsScene> {
    const care = await CareScene.open();
    const others = [care.bench];
    const bench = new ContractBench({ contracts, channel: 'claims-insurer-a', chaincode: 'claims', others });
    const scene = new ClaimsScene(care, bench);
    await scene.registerPolicy('cov');
    return scene;
  }

  /** Another registered patient, whose certificate is named after their key. */
  async enrolPatient(): Promise<BenchIdentity> {
    const patient = await this.care.bench.enrol('PatientsMSP');
    await this.care.submit(patient, 'Registration:RegisterPatient', {
      patientIdHash: sha256Of(patient.address),
      encryptionKey,
    });
    return patient;
  }

  registerPolicy(
    id: string,
    who = this.insurer,
    insurer = 'insurer-a',
  ): Promise<Answered<'Coverage:RegisterPolicies'>> {
    return this.submit(who, 'Coverage:RegisterPolicies', {
      policies: [
        {
          id,
          insurer,
          beneficiary: this.patient.address,
          period: { start: '2026-01-01', end: '2026-12-31' },
          currency: 'USD',
        },
      ],
    });
  }

  /** A claim by hospital-a whose sums are right. */
  claim(
    id: string,
    items: claims.ClaimItem[] = [line(1, '100.00'), line(2, '29.16')],
    changes: Partial<claims.SubmittedClaim> = {},
  ): claims.SubmittedClaim {
    const body = `e30..aXY.${Buffer.from(`claim ${id}`).toString('base64url')}.dGFn`;
    const recipients = [this.patient.address, changes.provider ?? 'hospital-a', 'insurer-a'];
    return {
      id,
      use: 'claim',
      provider: 'hospital-a',
      coverage: 'cov',
      items,
      total: moneyOf(
        items.reduce((sum, { net }) => sum + minorUnits(net.value), 0n),
        'USD',
      ),
      sha256: sha256Of(body),
      body,
      keys: Object.fromEntries(recipients.map((one) => [one, 'a.b.c.d.e'])),
      ...changes,
    };
  }

  submitClaims(...submitted: claims.SubmittedClaim[]): Promise<Answered<'Claims:Submit'>> {
    return this.submit(this.hospital, 'Claims:Submit', { claims: submitted });
  }

  adjudicate(
    claim: string,
    items: Argument<'Claims:Adjudicate'>['items'],
    disposition?: string,
  ): Promise<Answered<'Claims:Adjudicate'>> {
    return this.submit(this.insurer, 'Claims:Adjudicate', {
      claim,
      items,
      ...(disposition !== undefined && { disposition }),
    });
  }

  pay(claim: string): Promise<Answered<'Claims:Pay'>> {
    return this.submit(this.insurer, 'Claims:Pay', {
      claim,
      payment: { date: '2026-01-20', identifier: 'pay-1' },
    });
  }

  cancel(claim: string): Promise<Answered<'Claims:Cancel'>> {
    return this.submit(this.hospital, 'Claims:Cancel', { claim, reason: 'entered twice' });
  }

  async submit<Name extends ClaimsTransaction>(
    who: BenchIdentity,
    name: Name,
    argument: Argument<Name>,
  ): Promise<Answered<Name>> {
    const endorsed = await this.bench.submit(who, name, argument);
    const result = claimsTransactions[name].answer.parse(endorsed.result) as Answer<Name>;
    if (!endorsed.event) throw new Error(`${name} emitted no event`);
    const shape = claims.claimsEvents[endorsed.event.name as keyof typeof claims.claimsEvents];
    z.array<z.ZodType>(shape).min(1).parse(endorsed.event.payload);
    return { ...endorsed, result };
  }

  async evaluate<Name extends ClaimsTransaction>(
    who: BenchIdentity,
    name: Name,
    argument: Argument<Name>,
  ): Promise<Answer<Name>> {
    return claimsTransactions[name].answer.parse(
      await this.bench.evaluate(who, name, argument),
    ) as Answer<Name>;
  }
}
