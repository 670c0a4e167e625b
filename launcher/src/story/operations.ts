/** The operations of the story, as a client would write them. */
const transaction = 'transaction { id channel block }';

export const registerInstitution = `mutation ($input: RegisterInstitutionInput!) {
  registerInstitution(input: $input) { ${transaction} institution { id name } }
}`;
export const institutionExists = 'query ($id: ID!) { institution(id: $id) { id } }';
export const registerPatient = `mutation ($input: RegisterPatientInput!) {
  registerPatient(input: $input) { ${transaction} patient { id } }
}`;
export const authorizeStorage = `mutation ($input: AuthorizeStorageInput!) {
  authorizeStorage(input: $input) { ${transaction} storageAuthorizations { active institution { id } } }
}`;
export const proposeEntries = `mutation ($input: ProposeEntriesInput!) {
  proposeEntries(input: $input) { ${transaction} entries { id status category date } }
}`;
export const authorizeEntries = `mutation ($input: AuthorizeEntriesInput!) {
  authorizeEntries(input: $input) { ${transaction} entries { id status } }
}`;
export const entriesOf = `query ($id: ID!) {
  patient(id: $id) { id entries(first: 10) { nodes { id status category date institution { id name } } } }
}`;
export const requestAccess = `mutation ($input: RequestAccessInput!) {
  requestAccess(input: $input) { ${transaction} consent { id status } }
}`;
export const grantAccess = `mutation ($input: GrantAccessInput!) {
  grantAccess(input: $input) { ${transaction} consent { id status } }
}`;
export const revokeAccess = `mutation ($input: EndConsentInput!) {
  revokeAccess(input: $input) { ${transaction} consent { id status } }
}`;
export const readEntry = `query ($id: ID!, $purpose: PurposeOfUse) {
  entry(id: $id) { id category date resource(purpose: $purpose) }
}`;
export const registerCoverage = `mutation ($input: RegisterCoverageInput!) {
  registerCoverage(input: $input) { ${transaction} coverage { id } }
}`;
export const submitClaim = `mutation ($input: SubmitClaimInput!) {
  submitClaim(input: $input) { ${transaction} claim { id state total { value currency } } }
}`;
export const adjudicateClaim = `mutation ($input: AdjudicateClaimInput!) {
  adjudicateClaim(input: $input) { ${transaction} claim { id state benefit { value currency } } }
}`;
export const payClaim = `mutation ($input: PayClaimInput!) {
  payClaim(input: $input) { ${transaction} claim { id state payment { date identifier amount { value currency } } } }
}`;

export const consentChanged = `subscription ($after: String) {
  consentChanged(after: $after) { cursor event transaction { id block } consent { id status grantee { id } } }
}`;
export const entryChanged = `subscription ($after: String) {
  entryChanged(after: $after) { cursor event transaction { id block } entry { id status } }
}`;
export const claimChanged = `subscription ($after: String) {
  claimChanged(after: $after) { cursor event transaction { id block } claim { id state } }
}`;
