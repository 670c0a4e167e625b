/** What each operation is asked with. Whoever adds a field to the graph says it here, or the matrix fails. */
import { bloodCountClaim, haemoglobin } from '@medigraph/launcher';
import { anotherSigningKey, diary } from './marketplace-things.js';
import { type Things } from './matrix-case.js';

const address = (things: Things): string => things['Patient'] ?? '';
const usd = (value: string) => ({ value, currency: 'USD' });
const opening = (things: Things) => ({
  provision: { purpose: ['TREAT'], data: [things['Entry']] },
});

/** How the payload of a subscription says whom its event is about. */
export const aboutWhom: Readonly<Record<string, string>> = {
  claimChanged: 'claim { patient { id } }',
  consentChanged: 'consent { patient { id } }',
  dappChanged: 'installation { holder }',
  dAppReviewPolicyChanged: 'event',
  emergencyAccessChanged: 'emergencyAccess { patient { id } }',
  entryChanged: 'entry { patient { id } }',
  importChanged: 'import { patient { id } }',
  patientChanged: 'patient { id }',
  recoveryChanged: 'recovery { patient }',
  rewrapProgress: 'keys',
};

/** Subscriptions that name nobody, since they tell everyone of themselves alone or what is no secret: whatever they say counts. */
export const aboutNobodyElse: ReadonlySet<string> = new Set(['rewrapProgress', 'dAppReviewPolicyChanged']);

/** Required arguments of queries that are no id of what they answer. */
export const argumentsOf: Readonly<Record<string, string>> = {
  identifier: 'MRN-1',
  servicedDate: '2026-03-01',
  dapp: 'diary',
  version: '1.0.0',
};

/** Inputs of mutations, by their names. */
export const inputsOf: Readonly<Record<string, (things: Things) => object>> = {
  registerInstitution: () => ({ id: 'another', name: 'Another', kind: 'HOSPITAL' }),
  // Of nobody: what is granted stays readable either way, and nothing is to be rewrapped under the case.
  rotateInstitutionKey: () => ({ institution: 'nobody' }),
  registerPractitioner: () => ({ id: 'dr-a', name: 'Dr A', institution: 'hospital-a' }),
  registerPatient: () => ({ identifier: `MRN-${crypto.randomUUID()}` }),
  // Ending the patient's own registration would end the case.
  deactivatePatient: () => ({ patient: '0'.repeat(40) }),
  nameGuardians: () => ({ guardians: ['hospital-b'], threshold: 1, waitingDays: 1 }),
  handOverShare: (things) => ({ patient: address(things), signer: things['Signer'] }),
  approveRecovery: (things) => ({ patient: address(things), signer: things['Signer'] }),
  cancelRecovery: (things) => ({ signer: things['Signer'] }),
  enrolWallet: ({ certificateRequest }) => ({ certificateRequest, identifier: 'MRN-wallet' }),
  prepareTransaction: (things) => ({
    transaction: 'Access:ConsentsOf',
    argument: JSON.stringify({ patient: address(things) }),
    certificate: things['certificate'],
    nonce: Buffer.alloc(24, 1).toString('base64'),
  }),
  submitSigned: ({ preparation, signature }) => ({ preparation, signatures: [signature] }),
  authorizeStorage: () => ({ institutions: ['hospital-a'] }),
  proposeEntries: (things) => ({ patient: address(things), resources: [haemoglobin(address(things))] }),
  importEntries: (things) => ({ patient: address(things), resources: [haemoglobin(address(things))] }),
  addPersonalEntries: (things) => ({ resources: [haemoglobin(address(things))] }),
  authorizeEntries: ({ preliminary }) => ({ entries: [preliminary] }),
  retractEntry: ({ retractable: entry }) => ({ entry, reason: 'an error' }),
  authorizeContributor: () => ({ institution: 'hospital-b', application: 'scale', kind: 'DEVICE' }),
  contributeEntries: (things) => ({
    patient: address(things),
    resources: [haemoglobin(address(things))],
    idempotencyKey: crypto.randomUUID(),
  }),
  requestImport: () => ({ institution: 'hospital-a' }),
  offerImport: ({ Import: id, offerable }) => ({ import: id, entries: [offerable] }),
  pickEntries: ({ offeredImport: id, offered }) => ({ import: id, entries: [offered] }),
  declineImport: ({ unwantedImport: id }) => ({ import: id }),
  eraseEntry: ({ erasable: entry }) => ({ entry }),
  beginUpload: (things) => ({
    patient: address(things),
    date: '2026-03-01',
    contentType: 'application/pdf',
    name: 'letter.pdf',
    size: 10,
  }),
  completeUpload: ({ Upload: upload }) => ({ upload }),
  requestAccess: (things) => ({ patient: address(things), provision: { purpose: ['TREAT'] } }),
  grantAccess: ({ draft: consent }) => ({ consent }),
  denyAccess: ({ unwanted: consent }) => ({ consent }),
  revokeAccess: ({ revocable: consent }) => ({ consent }),
  offerAccess: (things) => ({ grantee: 'hospital-b', ...opening(things) }),
  refuseAccess: (things) => ({ grantee: 'hospital-b', ...opening(things) }),
  delegateAccess: (things) => ({
    person: things['Person'],
    relationship: 'GUARD',
    acts: ['DECIDE'],
    provision: { purpose: ['PATRQT'], data: [things['Entry']] },
  }),
  appointDelegate: (things) => ({
    patient: address(things),
    person: things['Person'],
    relationship: 'GUARD',
    acts: ['DECIDE'],
  }),
  setEmergencyPolicy: () => ({ maxMinutes: 240, reviewHours: 72 }),
  breakGlass: (things) => ({ patient: address(things), purpose: 'BTG', reason: 'found unconscious' }),
  reviewEmergencyAccess: ({ EmergencyAccess: emergencyAccess }) => ({
    emergencyAccess,
    outcome: 'JUSTIFIED',
    comment: 'as described',
  }),
  registerPublisher: () => ({
    id: crypto.randomUUID(),
    name: 'Another',
    institution: 'hospital-a',
    key: anotherSigningKey(),
  }),
  addPublisherKey: ({ Publisher: publisher }) => ({ publisher, key: anotherSigningKey() }),
  revokePublisherKey: ({ Publisher: publisher }) => ({ publisher, kid: 'a'.repeat(43) }),
  // Of a package that nobody has sent: who may is asked before.
  publishDApp: () => ({ manifest: diary('2.0.0'), sha256: 'a'.repeat(64), size: 1, signature: 'a..b' }),
  approveDApp: ({ DApp: dapp }) => ({ dapp, version: '1.0.0' }),
  refuseDApp: ({ DApp: dapp }) => ({ dapp, version: '1.0.0', reason: 'It leaks' }),
  proposeDAppReviewPolicy: () => ({ organizations: ['RegulatorMSP'], approvals: 1 }),
  rollBackDApp: ({ DApp: dapp }) => ({ dapp, version: '1.0.0' }),
  deprecateDApp: ({ DApp: dapp }) => ({ dapp, reason: 'It ends', endsAt: '2099-01-01T00:00:00.000Z' }),
  revokeDApp: ({ DApp: dapp }) => ({ dapp, reason: 'It leaks' }),
  issueDAppWebhookSecret: ({ DApp: dapp }) => ({ dapp }),
  resumeDAppWebhook: ({ DApp: dapp }) => ({ dapp, event: 'Drawn', url: 'https://diary.example/hook' }),
  issueDAppCredentials: ({ DApp: dapp }) => ({ dapp }),
  closeDAppCredentials: ({ DApp: dapp }) => ({ dapp }),
  installDApp: ({ DApp: dapp }) => ({ dapp, scopes: [], institution: 'hospital-a' }),
  uninstallDApp: ({ DApp: dapp }) => ({ dapp, institution: 'hospital-a' }),
  rateDApp: ({ DApp: dapp }) => ({ dapp, stars: 5, institution: 'hospital-a' }),
  registerCoverage: (things) => ({ beneficiary: address(things), currency: 'USD' }),
  submitClaim: (things) => ({
    coverage: things['Coverage'],
    resource: bloodCountClaim(address(things), 'hospital-a'),
  }),
  adjudicateClaim: ({ decided: claim }) => ({
    claim,
    items: [{ sequence: 1, adjudication: [{ category: 'BENEFIT', amount: usd('1.00') }] }],
  }),
  payClaim: ({ decided: claim }) => ({ claim, date: '2026-03-09', identifier: 'P-1' }),
  cancelClaim: ({ cancelled: claim }) => ({ claim, reason: 'an error' }),
};
