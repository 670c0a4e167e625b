import { afterAll, beforeAll, expect, test } from '@jest/globals';
import {
  addEntry,
  claim as submitClaim,
  cover,
  grant,
  registerInstitutions,
  registerPatient,
  requestConsent,
} from './case.js';
import { eventually } from './eventually.js';
import { RunningSystem } from './running-system.js';

let system: RunningSystem;
let patient: string;
let other: string;
const things = { entry: '', consent: '', coverage: '', claim: '' };
type Thing = keyof typeof things;

/** Who sees what of one patient, whom hospital-a may store about and who granted insurer-a. */
const sees: Readonly<Record<string, Readonly<Record<Thing | 'patient', boolean>>>> = {
  patient: { patient: true, entry: true, consent: true, coverage: true, claim: true },
  'hospital-a': { patient: true, entry: true, consent: false, coverage: true, claim: true },
  'insurer-a': { patient: true, entry: true, consent: true, coverage: true, claim: true },
  'insurer-b': { patient: false, entry: false, consent: false, coverage: false, claim: false },
  'hospital-b': { patient: false, entry: false, consent: false, coverage: false, claim: false },
  regulator: { patient: false, entry: false, consent: false, coverage: false, claim: false },
  'another patient': { patient: false, entry: false, consent: false, coverage: false, claim: false },
};
const roles = Object.keys(sees);
const expected = (role: string, what: Thing | 'patient'): boolean => sees[role]?.[what] ?? false;
const roleOf = (name: string): string => {
  if (name === 'patient') return `patient:${patient}`;
  return name === 'another patient' ? `patient:${other}` : name;
};

beforeAll(async () => {
  system = await RunningSystem.start();
  await registerInstitutions(system);
  other = await registerPatient(system);
  patient = await registerPatient(system);
  things.entry = await addEntry(system, patient);
  things.consent = await requestConsent(system, patient);
  await grant(system, patient, things.consent);
  things.coverage = await cover(system, patient);
  things.claim = await submitClaim(system, patient, things.coverage);
}, 120_000);

afterAll(() => system.close());

test.each(roles)('by id: %s', async (role) => {
  const { data, errors } = await system.ask(
    roleOf(role),
    `query($patient: ID!, $entry: ID!, $consent: ID!, $coverage: ID!, $claim: ID!) {
      patient(id: $patient) { id } entry(id: $entry) { id } consent(id: $consent) { id }
      coverage(id: $coverage) { id } claim(id: $claim) { id }
    }`,
    { patient, ...things },
  );
  expect(errors).toBeUndefined();
  for (const [thing, id] of Object.entries({ patient, ...things })) {
    const visible = expected(role, thing as Thing);
    expect({ thing, answer: data?.[thing] }).toEqual({ thing, answer: visible ? { id } : null });
  }
});

interface Node {
  readonly id: string;
}
interface Nodes {
  readonly nodes: readonly Node[];
}
const ids = ({ nodes }: Nodes): string[] => nodes.map(({ id }) => id);
const only = (visible: boolean, id: string): string[] => (visible ? [id] : []);

test.each(roles)('in lists, with and without filters: %s', async (role) => {
  const data = await system.data<Record<string, Nodes>>(
    roleOf(role),
    `query($patient: ID!) {
      patients { nodes { id } }
      claims { nodes { id } }
      byPatient: claims(patient: $patient) { nodes { id } }
      byState: claims(state: CHECKED) { nodes { id } }
      byProvider: claims(provider: "hospital-a") { nodes { id } }
      consents { nodes { id } }
      granted: consents(patient: $patient, status: ACTIVE) { nodes { id } }
    }`,
    { patient },
  );
  const list = (name: string) => ids(data[name] ?? { nodes: [] });
  expect(list('patients').includes(patient)).toBe(expected(role, 'patient'));
  for (const name of ['claims', 'byPatient', 'byState', 'byProvider']) {
    expect({ name, ids: list(name) }).toEqual({ name, ids: only(expected(role, 'claim'), things.claim) });
  }
  for (const name of ['consents', 'granted']) {
    expect({ name, ids: list(name) }).toEqual({ name, ids: only(expected(role, 'consent'), things.consent) });
  }
});

/** The ways from a patient to everything else. */
const ofPatient = `{
  id name resource entries { nodes { id resource } } claims { nodes { id resource } }
  consents { nodes { id } } coverages { nodes { id } } openings { nodes { id } }
}`;

interface PatientNode extends Node {
  readonly entries: { readonly nodes: readonly (Node & { readonly resource: object | null })[] };
  readonly claims: { readonly nodes: readonly (Node & { readonly resource: object | null })[] };
  readonly consents: Nodes;
  readonly coverages: Nodes;
}

test.each(roles)('nested, from a patient that the caller has from somewhere else: %s', async (role) => {
  const ways = [
    `query($entry: ID!, $claim: ID!, $consent: ID!, $coverage: ID!) {
      entry(id: $entry) { patient ${ofPatient} } claim(id: $claim) { patient ${ofPatient} }
      consent(id: $consent) { patient ${ofPatient} } coverage(id: $coverage) { beneficiary ${ofPatient} }
    }`,
  ];
  for (const query of ways) {
    const data = await system.data<Record<string, Record<string, PatientNode> | null>>(
      roleOf(role),
      query,
      things,
    );
    for (const [way, answer] of Object.entries(data)) {
      expect({ way, there: answer !== null }).toEqual({ way, there: expected(role, way as Thing) });
      for (const found of Object.values(answer ?? {})) {
        expect(ids(found.entries)).toEqual(only(expected(role, 'entry'), things.entry));
        expect(found.entries.nodes.every(({ resource }) => resource !== null)).toBe(true);
        expect(ids(found.claims)).toEqual(only(expected(role, 'claim'), things.claim));
        expect(ids(found.consents)).toEqual(only(expected(role, 'consent'), things.consent));
        expect(ids(found.coverages)).toEqual(only(expected(role, 'coverage'), things.coverage));
      }
    }
  }
});

interface Stream {
  readonly field: string;
  readonly thing: Thing;
  /** Makes one event, and answers what it is about. */
  readonly act: () => Promise<string>;
}

const streams: readonly Stream[] = [
  { field: 'entryChanged', thing: 'entry', act: () => addEntry(system, patient) },
  { field: 'consentChanged', thing: 'consent', act: () => requestConsent(system, patient) },
  { field: 'claimChanged', thing: 'claim', act: () => submitClaim(system, patient, things.coverage) },
];

test.each(streams)(
  'live, $field: told is whom it concerns, and nobody else',
  async ({ field, thing, act }) => {
    const subscription = `subscription { ${field} { ${thing} { id } } }`;
    const subscribers = await Promise.all(
      roles.map(async (role) => {
        const client = await system.client(roleOf(role));
        const events = client.stream<Record<string, Record<string, Node>>>(subscription);
        const received: string[] = [];
        const collected = (async () => {
          for await (const data of events) received.push(data[field]?.[thing]?.id ?? '');
        })();
        // An answer over the same connection says that the subscription before it was taken.
        await client.stream('{ __typename }').next();
        return { role, events, received, collected };
      }),
    );
    const id = await act();
    for (const { role, received } of subscribers) {
      if (!expected(role, thing)) continue;
      await eventually(
        `${field} tells ${role}`,
        () => received,
        (ids) => ids.includes(id),
      );
    }
    for (const { events } of subscribers) await events.return?.();
    await Promise.all(subscribers.map(({ collected }) => collected));
    for (const { role, received } of subscribers) {
      expect({ role, told: [...new Set(received)] }).toEqual({ role, told: only(expected(role, thing), id) });
    }
  },
);
