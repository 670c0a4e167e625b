import { type Recipient } from '@medigraph/platform/envelope';
import { type KeyCustody } from '@medigraph/platform/identity';
import { care } from '@medigraph/schema';
import pMap from 'p-map';
import { chunksOf } from './batches.js';
import { groupBy } from './group-by.js';
import { type PlannedInstitution } from './institutions.js';
import { type PlannedPractitioner } from './practitioners.js';
import { required } from './required.js';
import { type Suites } from './suites.js';

const lookupsInFlight = 16;

/**
 * Registers the institutions that the ledger does not have, each by its organisation.
 *
 * @returns whom keys are wrapped for, by institution: the key that the ledger has.
 */
export async function registerInstitutions(
  institutions: readonly PlannedInstitution[],
  suites: Suites,
  custody: KeyCustody,
  signal?: AbortSignal,
): Promise<Map<string, Recipient>> {
  const recipients = new Map<string, Recipient>();
  const absent: PlannedInstitution[] = [];
  await pMap(
    institutions,
    async (institution) => {
      const { id, mspId } = institution;
      const registered = await suites.find(
        {
          suite: suites.care,
          name: 'Registration:Resolve',
          argument: { institution: id },
          signer: await custody.organization(mspId),
        },
        'INSTITUTION_NOT_FOUND',
      );
      if (!registered) absent.push(institution);
      const key = registered?.encryptionKey ?? (await custody.encryptionKeyFor(id));
      recipients.set(id, { id, key });
    },
    { concurrency: lookupsInFlight, ...(signal && { signal }) },
  );
  for (const [mspId, group] of groupBy(absent, (institution) => institution.mspId)) {
    const signer = await custody.organization(mspId);
    for (const chunk of chunksOf(group, care.maxBatch)) {
      const argument = {
        institutions: chunk.map(({ id, kind, name }) => ({
          id,
          kind,
          name,
          encryptionKey: required(recipients.get(id), `key of ${id}`).key,
        })),
      };
      await suites.submit({
        suite: suites.care,
        name: 'Registration:RegisterInstitutions',
        argument,
        signer,
      });
    }
  }
  return recipients;
}

/** Registers the practitioners that the ledger does not have, each by the organisation of their institution. */
export async function registerPractitioners(
  practitioners: readonly PlannedPractitioner[],
  institutions: ReadonlyMap<string, PlannedInstitution>,
  suites: Suites,
  custody: KeyCustody,
): Promise<void> {
  const groups = groupBy(practitioners, ({ institution }) => institutions.get(institution)?.mspId ?? '');
  for (const [mspId, group] of groups) {
    const signer = await custody.organization(mspId);
    for (const chunk of chunksOf(group, care.maxBatch)) {
      await suites.submitAbsent(chunk, 'PRACTITIONER_EXISTS', (some) => ({
        suite: suites.care,
        name: 'Registration:RegisterPractitioners',
        argument: { practitioners: some },
        signer,
      }));
    }
  }
}
