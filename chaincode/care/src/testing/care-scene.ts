/** The people of the care suite's tests, and calls that check every answer and event against the schema. */
import { ContractBench, type BenchIdentity, type Endorsed } from '@medigraph/chaincode-lib/testing';
import { care, careTransactions, type CareTransaction } from '@medigraph/schema';
import { sha256Of } from '@medigraph/chaincode-lib';
import { z } from 'zod';
import { contracts } from '../index.js';

type Table = typeof careTransactions;
type Argument<Name extends CareTransaction> = z.input<Table[Name]['argument']>;
type Answer<Name extends CareTransaction> = z.output<Table[Name]['answer']>;

export interface Answered<Name extends CareTransaction> extends Endorsed {
  readonly result: Answer<Name>;
}

export const encryptionKey = {
  kty: 'EC',
  crv: 'P-256',
  x: 'x'.repeat(43),
  y: 'y'.repeat(43),
  kid: 'k1',
} as const;

/** A compact JWE as far as the ledger can tell. */
export const wrappedFor = (recipient: string) => `${Buffer.from(recipient).toString('base64url')}.a.b.c.d`;

/** A device that InsurerB runs. */
export const watch = { institution: 'insurer-b', application: 'watch' } as const;

/** The argument with which a key follows another. @param patient - chain address; that of the key that goes if absent. */
export async function rotationOf(
  current: BenchIdentity,
  next: BenchIdentity,
  patient = current.address,
): Promise<Argument<'Registration:RotateKey'>> {
  const rotation = { signingKey: next.publicKey, encryptionKey: { ...encryptionKey, kid: 'k2' } };
  const statement = care.rotationStatement({ patient, signer: current.address, ...rotation });
  const proof = Buffer.from(await next.sign(Buffer.from(statement))).toString('base64');
  return { ...rotation, proof };
}

/** A sealed entry for patient and holder. */
export function sealed(
  id: string,
  recipients: readonly string[],
  changes: Partial<care.ProposedEntry> = {},
): care.ProposedEntry {
  const body = `e30..aXY.${Buffer.from(`content of ${id}`).toString('base64url')}.dGFn`;
  return {
    id,
    resourceType: 'Observation',
    category: 'observation',
    date: '2025-06-15',
    size: 100,
    sha256: sha256Of(body),
    body,
    keys: Object.fromEntries(recipients.map((one) => [one, wrappedFor(one)])),
    ...changes,
  };
}

export class CareScene {
  private constructor(
    readonly bench: ContractBench,
    readonly hospital: BenchIdentity,
    readonly otherHospital: BenchIdentity,
    readonly insurer: BenchIdentity,
    readonly otherInsurer: BenchIdentity,
    readonly patient: BenchIdentity,
    readonly otherPatient: BenchIdentity,
    readonly stranger: BenchIdentity,
    readonly regulator: BenchIdentity,
    /** `dr-b` of HospitalB, with a certificate that says so. */
    readonly doctor: BenchIdentity,
  ) {}

  /** Organisations with their institutions, a practitioner, two patients, and a client of the patients' organisation that is none. */
  static async open(): Promise<CareScene> {
    const bench = new ContractBench({ contracts, channel: 'care', chaincode: 'care' });
    const [
      hospital,
      otherHospital,
      insurer,
      otherInsurer,
      patient,
      otherPatient,
      stranger,
      regulator,
      doctor,
    ] = await Promise.all([
      bench.enrol('HospitalAMSP', 'client'),
      bench.enrol('HospitalBMSP', 'client'),
      bench.enrol('InsurerAMSP', 'client'),
      bench.enrol('InsurerBMSP', 'client'),
      bench.enrol('PatientsMSP', 'patient-1'),
      bench.enrol('PatientsMSP', 'patient-2'),
      bench.enrol('PatientsMSP', 'nobody'),
      bench.enrol('RegulatorMSP', 'client'),
      bench.enrol('HospitalBMSP', 'dr-b', { attributes: { 'medigraph.practitioner': 'dr-b' } }),
    ]);
    const scene = new CareScene(
      bench,
      hospital,
      otherHospital,
      insurer,
      otherInsurer,
      patient,
      otherPatient,
      stranger,
      regulator,
      doctor,
    );
    const register = (who: BenchIdentity, id: string, kind: care.Institution['kind']) =>
      scene.submit(who, 'Registration:RegisterInstitutions', {
        institutions: [{ id, kind, name: id, encryptionKey }],
      });
    await register(hospital, 'hospital-a', 'hospital');
    await register(otherHospital, 'hospital-b', 'hospital');
    await register(insurer, 'insurer-a', 'insurer');
    await register(otherInsurer, 'insurer-b', 'insurer');
    await register(regulator, 'regulator', 'regulator');
    await scene.submit(otherHospital, 'Registration:RegisterPractitioners', {
      practitioners: [{ id: 'dr-b', institution: 'hospital-b', name: 'Dr B' }],
    });
    await scene.submit(patient, 'Registration:RegisterPatient', {
      patientIdHash: '1'.repeat(64),
      encryptionKey,
    });
    await scene.submit(otherPatient, 'Registration:RegisterPatient', {
      patientIdHash: '2'.repeat(64),
      encryptionKey,
    });
    return scene;
  }

  async submit<Name extends CareTransaction>(
    who: BenchIdentity,
    name: Name,
    argument: Argument<Name>,
  ): Promise<Answered<Name>> {
    const endorsed = await this.bench.submit(who, name, argument);
    return checked(name, endorsed);
  }

  async endorse<Name extends CareTransaction>(
    who: BenchIdentity,
    name: Name,
    argument: Argument<Name>,
  ): Promise<Answered<Name>> {
    return checked(name, await this.bench.endorse(who, name, argument));
  }

  async evaluate<Name extends CareTransaction>(
    who: BenchIdentity,
    name: Name,
    argument: Argument<Name>,
  ): Promise<Answer<Name>> {
    return careTransactions[name].answer.parse(
      await this.bench.evaluate(who, name, argument),
    ) as Answer<Name>;
  }

  /** Lets HospitalA store about the patient. */
  async authorizeStorage(active = true): Promise<void> {
    await this.submit(this.patient, 'Records:AuthorizeStorage', { institutions: ['hospital-a'], active });
  }

  /** What is kept under keys that name this, as `/kind/attribute/…`. */
  keysOf(name: string): string[] {
    return this.bench
      .keys()
      .map((key) => key.split('\u0000'))
      .filter((parts) => parts.includes(name))
      .map((parts) => parts.join('/'));
  }

  /** The begin of an entry of HospitalA whose body comes in parts. */
  large(id: string, parts: readonly string[] = ['e30..aXY.', 'Yg.dGFn']): Argument<'Records:BeginEntry'> {
    const { body: _, ...entry } = this.clinical(id);
    const sha256 = sha256Of(parts.join(''));
    return {
      patient: this.patient.address,
      institution: 'hospital-a',
      entry: { ...entry, sha256 },
      parts: parts.length,
    };
  }

  /** A clinical entry by HospitalA about the patient, not yet proposed. */
  clinical(id: string, changes: Partial<care.ProposedEntry> = {}): care.ProposedEntry {
    return sealed(id, [this.patient.address, 'hospital-a'], changes);
  }

  propose(...entries: care.ProposedEntry[]): Promise<Answered<'Records:ProposeEntries'>> {
    return this.submit(this.hospital, 'Records:ProposeEntries', {
      patient: this.patient.address,
      institution: 'hospital-a',
      entries,
    });
  }

  /** Entries that HospitalA proposed and the patient authorised. */
  async record(...entries: care.ProposedEntry[]): Promise<void> {
    await this.authorizeStorage();
    await this.propose(...entries);
    await this.submit(this.patient, 'Records:AuthorizeEntries', { entries: entries.map(({ id }) => id) });
  }

  /** The patient lets InsurerB's watch write. */
  letContribute(
    changes: Partial<Argument<'Contributions:AuthorizeContributor'>> = {},
  ): Promise<Answered<'Contributions:AuthorizeContributor'>> {
    return this.submit(this.patient, 'Contributions:AuthorizeContributor', {
      ...watch,
      kind: 'device',
      period: {},
      active: true,
      ...changes,
    });
  }

  /** A batch of the watch, as of the patient's last grant. */
  async contribution(
    batch: string,
    ...entries: care.ProposedEntry[]
  ): Promise<Argument<'Contributions:ContributeEntries'>> {
    const { address } = this.patient;
    const { granted } = await this.evaluate(this.patient, 'Records:GrantsOf', { patient: address });
    return {
      ...watch,
      patient: address,
      batch,
      digest: sha256Of(batch),
      granted,
      entries,
    };
  }

  /** InsurerA asks for observations of 2025 for coverage authorisation. */
  request(
    id: string,
    changes: Partial<Argument<'Access:Request'>> = {},
  ): Promise<Answered<'Access:Request'>> {
    return this.submit(this.insurer, 'Access:Request', {
      id,
      patient: this.patient.address,
      grantee: 'insurer-a',
      period: { start: '2026-01-01T00:00:00.000Z', end: '2026-02-01T00:00:00.000Z' },
      provision: {
        purpose: ['COVAUTH', 'HPAYMT'],
        category: ['observation', 'condition'],
        dataPeriod: { start: '2025-01-01', end: '2025-12-31' },
      },
      ...changes,
    });
  }

  grant(id: string, ...entries: string[]): Promise<Answered<'Access:Grant'>> {
    return this.submit(this.patient, 'Access:Grant', {
      consent: id,
      keys: entries.map((entry) => ({ entry, key: wrappedFor('insurer-a') })),
    });
  }

  /** The patient opens these entries to a grantee who never asked. */
  offer(
    id: string,
    grantee: string,
    provision: care.Provision,
    entries: readonly string[] = [],
    changes: { period?: care.Consent['period']; onBehalfOf?: string } = {},
    by: BenchIdentity = this.patient,
  ): Promise<Answered<'Access:Offer'>> {
    const { period = {}, onBehalfOf } = changes;
    const keys = entries.map((entry) => ({ entry, key: wrappedFor(grantee) }));
    return this.submit(by, 'Access:Offer', {
      consents: [{ id, grantee, period, provision, keys }],
      ...(onBehalfOf !== undefined && { onBehalfOf }),
    });
  }

  /** What the patient lets the regulator disclose in an emergency. */
  letDisclose(id: string, ...entries: string[]): Promise<Answered<'Access:Offer'>> {
    return this.offer(id, 'regulator', { purpose: ['BTG', 'ETREAT'], action: 'disclose' }, entries);
  }

  breakGlass(
    id: string,
    by: BenchIdentity = this.doctor,
    changes: Partial<Argument<'Emergency:BreakGlass'>> = {},
  ): Promise<Answered<'Emergency:BreakGlass'>> {
    return this.submit(by, 'Emergency:BreakGlass', {
      id,
      patient: this.patient.address,
      institution: 'hospital-b',
      purpose: 'ETREAT',
      reason: 'found unconscious',
      minutes: 60,
      ...changes,
    });
  }

  /** Opens for an institution, or as a person. */
  open(
    who: BenchIdentity,
    institution: string | undefined,
    purpose: Argument<'Access:OpenEntries'>['purpose'],
    ...entries: string[]
  ): Promise<Answered<'Access:OpenEntries'>> {
    return this.submit(who, 'Access:OpenEntries', {
      patient: this.patient.address,
      entries,
      purpose,
      ...(institution !== undefined && { institution }),
    });
  }

  openAsInsurer(...entries: string[]): Promise<Answered<'Access:OpenEntries'>> {
    return this.submit(this.insurer, 'Access:OpenEntries', {
      patient: this.patient.address,
      institution: 'insurer-a',
      purpose: 'COVAUTH',
      entries,
    });
  }
}

function checked<Name extends CareTransaction>(name: Name, endorsed: Endorsed): Answered<Name> {
  const { answer } = careTransactions[name];
  const result = answer.parse(endorsed.result) as Answer<Name>;
  if (endorsed.event) {
    const { name: event, payload } = endorsed.event;
    z.array(care.careEvents[event as keyof typeof care.careEvents])
      .min(1)
      .parse(payload);
  }
  return { ...endorsed, result };
}
