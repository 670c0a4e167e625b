/** The case that the access matrix is about: one patient, what is theirs, and everybody who asks for it. */
import { clientOfDApp } from '@medigraph/schema/dapps';
import { bloodCountClaim, haemoglobin } from '@medigraph/launcher';
import { walletThings } from './wallet-things.js';
import { askForFile, fileRequests } from './file-requests.js';
import { publisherKey, runDiary } from './marketplace-things.js';
import { eventually } from '../../system/eventually.js';
import { type Answer, type LiveGraph, type Person } from '../live-graph.js';

const institution = (role: Person['role'], mspId: string, id: string): Person => ({
  role,
  mspId,
  institution: id,
});

/** Who asks, beside the two patients. */
export const institutions = {
  'hospital-a': institution('hospital', 'HospitalAMSP', 'hospital-a'),
  'hospital-b': institution('hospital', 'HospitalBMSP', 'hospital-b'),
  'insurer-a': institution('insurer', 'InsurerAMSP', 'insurer-a'),
  'insurer-b': institution('insurer', 'InsurerBMSP', 'insurer-b'),
  regulator: institution('regulator', 'RegulatorMSP', 'regulator'),
  researcher: institution('researcher', 'HospitalBMSP', 'research-b'),
  'expired consent': institution('insurer', 'InsurerBMSP', 'insurer-c'),
} as const;

/** A device that hospital-b runs and the patient lets write. */
const device: Person = {
  role: 'contributor',
  mspId: 'HospitalBMSP',
  institution: 'hospital-b',
  clientId: 'watch',
};

/** What the operations are about, by the names that their arguments have. */
export type Things = Readonly<Record<string, string>>;

export interface MatrixCase {
  readonly people: Readonly<Record<string, Person>>;
  readonly things: Things;
  /** What somebody has of their own to do it with, where it can be done once. */
  readonly spare: Readonly<Record<string, Things>>;
}

const subgraphs = ['patients', 'records', 'consent', 'claims', 'dapps'] as const;

type Act = (
  subgraph: string,
  person: Person,
  name: string,
  input: object,
  fields: string,
) => Promise<Record<string, unknown>>;

const letter = {
  date: '2026-03-01',
  contentType: 'application/pdf',
  name: 'letter.pdf',
  size: 10,
};

/** Makes it. */
export async function playCase(graph: LiveGraph): Promise<MatrixCase> {
  const act: Act = async (subgraph, person, name, input, fields) => {
    const type = `${name.charAt(0).toUpperCase()}${name.slice(1)}Input`;
    const answer: Answer = await graph.ask(
      subgraph,
      person,
      `mutation($input: ${type}!) { ${name}(input: $input) { ${fields} transaction { channel block } } }`,
      { input },
    );
    const payload = answer.data?.[name] as Record<string, unknown> | undefined;
    if (!payload) throw new Error(`${name}: ${JSON.stringify(answer.errors)}`);
    const { channel, block } = payload['transaction'] as { channel: string; block: number };
    for (const one of subgraphs)
      if (channel === 'care' || one === 'claims') await graph.subgraph(one).projector.reached(channel, block);
    return payload;
  };
  const idOf = (payload: Record<string, unknown>, thing: string): string =>
    (payload[thing] as { id: string }).id;
  const { 'hospital-a': holder, 'hospital-b': other, 'insurer-a': insurer } = institutions;
  const kinds = {
    hospital: 'HOSPITAL',
    insurer: 'INSURER',
    regulator: 'REGULATOR',
    researcher: 'RESEARCH',
  } as Record<string, string>;
  for (const { mspId, role, institution: id } of Object.values(institutions))
    await act(
      'patients',
      { role: 'operator', mspId },
      'registerInstitution',
      { id, name: `The ${id ?? ''}`, kind: kinds[role] },
      'institution { id }',
    );
  await act(
    'patients',
    other,
    'registerPractitioner',
    { id: 'dr-b', name: 'Dr B', institution: 'hospital-b' },
    'practitioner { id }',
  );
  const [patient, another, delegate, relative] = (await Promise.all(
    ['MRN-1', 'MRN-2', 'MRN-3', 'MRN-4'].map(async (identifier) => ({
      role: 'patient' as const,
      mspId: 'PatientsMSP',
      patient: idOf(
        await act('patients', holder, 'registerPatient', { identifier }, 'patient { id }'),
        'patient',
      ),
    })),
  )) as [Person, Person, Person, Person];
  const address = patient.patient ?? '';
  await act('records', patient, 'authorizeStorage', { institutions: ['hospital-a'] }, '');
  const proposed = await act(
    'records',
    holder,
    'proposeEntries',
    { patient: address, resources: Array.from({ length: 7 }, () => haemoglobin(address)) },
    'entries { id }',
  );
  const [
    entry = '',
    erasable = '',
    retractable = '',
    preliminary = '',
    offerable = '',
    offered = '',
    waiting = '',
  ] = (proposed['entries'] as { id: string }[]).map(({ id }) => id);
  await act('records', patient, 'authorizeEntries', { entries: [entry, erasable, retractable] }, '');
  const imported = async (): Promise<string> =>
    idOf(
      await act('records', patient, 'requestImport', { institution: 'hospital-a' }, 'import { id }'),
      'import',
    );
  const offeredImport = await imported();
  await act('records', holder, 'offerImport', { import: offeredImport, entries: [offered] }, '');
  const file = await addFile(graph, act, patient);
  const provision = { purpose: ['COVAUTH'], data: [entry, file] };
  const ask = async (): Promise<string> =>
    idOf(
      await act('consent', insurer, 'requestAccess', { patient: address, provision }, 'consent { id }'),
      'consent',
    );
  const consent = await ask();
  await act('consent', patient, 'grantAccess', { consent }, '');
  const offeredAccess = async (grantee: string, terms: object): Promise<string> =>
    idOf(
      await act('consent', patient, 'offerAccess', { grantee, provision: terms }, 'consent { id }'),
      'consent',
    );
  await offeredAccess('hospital-b', {
    purpose: ['TREAT'],
    actor: { kind: 'PRACTITIONER', id: 'dr-b' },
    data: [entry, file],
  });
  await offeredAccess('research-b', { purpose: ['HRESCH'], resourceType: ['Observation'], data: [entry] });
  await expiredAccess(graph, act, patient, { purpose: ['COVAUTH'] });
  await act(
    'consent',
    patient,
    'delegateAccess',
    { person: delegate.patient, relationship: 'GUARD', acts: ['DECIDE', 'AUTHORIZE'] },
    'consent { id }',
  );
  await offeredAccess('regulator', { purpose: ['BTG', 'ETREAT'], action: 'DISCLOSE', data: [entry] });
  const brokenGlass = async (): Promise<string> =>
    idOf(
      await act(
        'consent',
        other,
        'breakGlass',
        { patient: address, purpose: 'ETREAT', reason: 'found unconscious' },
        'emergencyAccess { id }',
      ),
      'emergencyAccess',
    );
  const covered = await act(
    'claims',
    insurer,
    'registerCoverage',
    { beneficiary: address, currency: 'USD' },
    'coverage { id }',
  );
  const coverage = idOf(covered, 'coverage');
  const submitted = async (): Promise<string> =>
    idOf(
      await act(
        'claims',
        holder,
        'submitClaim',
        { coverage, resource: bloodCountClaim(address, 'hospital-a') },
        'claim { id }',
      ),
      'claim',
    );
  await graph.ask('records', insurer, 'query($id: ID!) { entry(id: $id) { resource } }', { id: entry });
  await act(
    'patients',
    patient,
    'nameGuardians',
    { guardians: ['hospital-b'], threshold: 1, waitingDays: 1 },
    '',
  );
  await act(
    'records',
    patient,
    'authorizeContributor',
    { institution: 'hospital-b', application: 'watch', kind: 'DEVICE' },
    'contributor { active }',
  );
  await act(
    'dapps',
    holder,
    'registerPublisher',
    { id: 'acme', name: 'Acme', institution: 'hospital-a', key: publisherKey.publicKey },
    'publisher { id }',
  );
  await runDiary(graph, holder, [holder, other, insurer, institutions['insurer-b']]);
  return {
    people: {
      patient,
      ...institutions,
      practitioner: { ...other, role: 'practitioner', practitioner: 'dr-b' },
      delegate,
      application: { ...patient, scopes: ['patient/Observation.rs'] },
      operator: { role: 'operator', mspId: 'HospitalAMSP' },
      device,
      'another patient': another,
      DApp: {
        role: 'dapp',
        mspId: 'HospitalAMSP',
        institution: 'hospital-a',
        clientId: clientOfDApp('diary'),
      },
    },
    things: {
      Patient: address,
      Entry: entry,
      Consent: consent,
      Coverage: coverage,
      Claim: await submitted(),
      EmergencyAccess: await brokenGlass(),
      Institution: 'hospital-a',
      Publisher: 'acme',
      DApp: 'diary',
      Practitioner: 'dr-b',
      Opening: await openingOf(graph, patient),
      Upload: await beginUpload(graph, patient),
      unwantedUpload: await beginUpload(graph, patient),
      File: file,
      Person: relative.patient ?? '',
      ...(await walletThings(graph, institutions['hospital-a'], patient)),
      Import: await imported(),
      offeredImport,
      unwantedImport: await imported(),
      offerable,
      offered,
      erasable,
      retractable,
      preliminary,
      draft: await ask(),
      unwanted: await ask(),
      revocable: await offeredAccess('insurer-b', { purpose: ['COVAUTH'], data: [erasable] }),
      decided: await submitted(),
      cancelled: await submitted(),
    },
    spare: {
      practitioner: { EmergencyAccess: await brokenGlass() },
      delegate: {
        preliminary: waiting,
        draft: await ask(),
        unwanted: await ask(),
        revocable: await offeredAccess('insurer-b', { purpose: ['HPAYMT'], data: [erasable] }),
      },
    },
  };
}

async function openingOf(graph: LiveGraph, patient: Person): Promise<string> {
  const { data } = await graph.ask(
    'consent',
    patient,
    `query($id: ID!) { _entities(representations: [{ __typename: "Patient", id: $id }]) {
      ... on Patient { openings(first: 1) { nodes { id } } } } }`,
    { id: patient.patient },
  );
  const [found] = (data?.['_entities'] as [{ openings: { nodes: [{ id: string }] } }])[0].openings.nodes;
  return found.id;
}

async function beginUpload(graph: LiveGraph, patient: Person): Promise<string> {
  const { data } = await graph.ask(
    'records',
    patient,
    'mutation($input: BeginUploadInput!) { beginUpload(input: $input) { upload { id } } }',
    { input: letter },
  );
  return (data?.['beginUpload'] as { upload: { id: string } }).upload.id;
}

/** A file of the patient's own. @returns its entry */
async function addFile(graph: LiveGraph, act: Act, patient: Person): Promise<string> {
  const upload = await beginUpload(graph, patient);
  const send = fileRequests.find(({ method }) => method === 'PATCH');
  if (!send) throw new Error('nothing sends a file');
  await askForFile(graph, patient, send, send.path({ Upload: upload }));
  const { entry } = await act('records', patient, 'completeUpload', { upload }, 'entry { id }');
  return (entry as { id: string }).id;
}

/** A consent that insurer-c had, and that has run out. */
async function expiredAccess(graph: LiveGraph, act: Act, patient: Person, provision: object): Promise<void> {
  const end = new Date(Date.now() + 2_000);
  await act(
    'consent',
    patient,
    'offerAccess',
    { grantee: 'insurer-c', period: { end: end.toISOString() }, provision },
    'consent { id }',
  );
  await eventually(
    'the consent runs out',
    () => Promise.resolve(Date.now()),
    (now) => now > end.getTime(),
  );
}
