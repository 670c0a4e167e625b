import { care, type claims } from '@medigraph/schema';
import pMap from 'p-map';
import { batchesOf, chunksOf } from './batches.js';
import { groupBy } from './group-by.js';
import { type LoadContext } from './load-context.js';
import { type EnrolledPatient } from './patients.js';
import { required } from './required.js';
import { type PlannedClaim, type Policy } from './record-plan.js';

const limit = { items: 50, bytes: 512 * 1024 };
const lookupsInFlight = 16;

/** Registers the policies that the insurers' channels do not have. */
export async function loadPolicies(policies: readonly Policy[], context: LoadContext): Promise<void> {
  const { suites, custody } = context;
  for (const [mspId, group] of groupBy(policies, ({ insurer }) => mspIdOf(insurer, context))) {
    const signer = await custody.organization(mspId);
    for (const chunk of chunksOf(group, care.maxBatch)) {
      await suites.submitAbsent(chunk, 'COVERAGE_EXISTS', (some) => ({
        suite: suites.claims(mspId),
        name: 'Coverage:RegisterPolicies',
        argument: { policies: some },
        signer,
      }));
    }
  }
}

/**
 * Submits the claims that the insurers' channels do not have, each by its provider's organisation. One after another
 * for one patient: duplicates are sought among the patient's own lines, and batches side by side would collide on them.
 */
export async function loadClaims(
  planned: readonly PlannedClaim[],
  patient: EnrolledPatient,
  context: LoadContext,
  onDone: (claims: number) => void,
): Promise<void> {
  const absent = patient.isNew ? planned : await absentClaims(planned, patient, context);
  onDone(planned.length - absent.length);
  const insurers = groupBy(absent, ({ insurer }) => mspIdOf(insurer, context));
  await Promise.all(
    [...insurers].map(async ([insurerMspId, claimsOfInsurer]) => {
      const providers = groupBy(claimsOfInsurer, ({ provider }) => mspIdOf(provider, context));
      for (const [providerMspId, group] of providers) {
        for (const batch of batchesOf(group, limit)) {
          await context.suites.submitAbsent(batch, 'CLAIM_EXISTS', async (some) => ({
            suite: context.suites.claims(insurerMspId),
            name: 'Claims:Submit',
            argument: {
              claims: await context.sealing(() =>
                Promise.all(some.map((claim) => seal(claim, patient, context))),
              ),
            },
            signer: await context.custody.organization(providerMspId),
          }));
          onDone(batch.length);
        }
      }
    }),
  );
}

async function absentClaims(
  planned: readonly PlannedClaim[],
  patient: EnrolledPatient,
  context: LoadContext,
): Promise<PlannedClaim[]> {
  const { suites, signal } = context;
  const found = await pMap(
    planned,
    ({ id, insurer }) =>
      suites.find(
        {
          suite: suites.claims(mspIdOf(insurer, context)),
          name: 'Claims:ReadClaim',
          argument: { claim: id },
          signer: patient.identity,
        },
        'CLAIM_NOT_FOUND',
      ),
    { concurrency: lookupsInFlight, ...(signal && { signal }) },
  );
  return planned.filter((_, index) => found[index] === undefined);
}

async function seal(
  { bytes, insurer, ...terms }: PlannedClaim,
  patient: EnrolledPatient,
  { envelopes, recipients }: LoadContext,
): Promise<claims.SubmittedClaim> {
  const parties = [terms.provider, insurer].map((id) => required(recipients.get(id), `key of ${id}`));
  const { body, keys, sha256 } = await envelopes.seal(terms.id, bytes, [patient.recipient, ...parties]);
  return { ...terms, sha256, body, keys };
}

function mspIdOf(institution: string, { institutions }: LoadContext): string {
  return required(institutions.get(institution), `institution ${institution}`).mspId;
}
