/** From a batch that a device or a program sends to entries of the patient: whole or not at all, and once. */
import { BadUserInput, Forbidden } from '@medigraph/platform/graph';
import { PlatformError } from '@medigraph/platform/errors';
import { care } from '@medigraph/schema';
import { type FhirResource } from '@medigraph/schema/scalars';
import { type RecordsContext } from '../context.js';
import { type Grant, grantedKeysOf, type Grantees, granteeRecipients, writeAsGranted } from '../grantees.js';
import { checkedContents, type Content, sealedEntries } from '../sealing.js';
import { ContributionDiffers, ContributionNotCovered } from './errors.js';

/** A batch as it was sent. */
export interface Batch {
  readonly patient: string;
  readonly resources: readonly FhirResource[];
  readonly idempotencyKey: string;
  readonly source?: string;
}

/** What became of it. */
export interface Taken {
  readonly contribution: care.Contribution;
  /** False if it had been taken before. */
  readonly stored: boolean;
}

type Program = Pick<care.Contributor, 'institution' | 'application'>;

/**
 * Takes a batch. A patient who does not let the caller write is not told apart from one that is not there, whatever is sent.
 * @throws `PATIENT_NOT_FOUND`, `CONTRIBUTION_NOT_COVERED`, `FHIR_INVALID`, `CONTRIBUTION_EXISTS` for another batch of this key.
 */
export async function contribute(context: RecordsContext, batch: Batch): Promise<Taken> {
  const { patient, resources, idempotencyKey, source } = batch;
  const program = programOf(context);
  const asked = { patient, ...program };
  requireTypes((await stateOf(context, asked)).contributor, resources);
  const contents = await checkedContents(context, resources, { patient, byIdentifier: false });
  const named = { ...asked, ...namesOf(context, batch, contents) };
  const before = await takenBefore(context, named);
  if (before) return { contribution: before, stored: false };
  const own = { id: patient, key: await context.encryptionKeyOf({ patient }) };
  const identified = contents.map((content, position) => ({
    ...content,
    id: keyed(context, 'contributed entry', [patient, idempotencyKey, position]).slice(0, 32),
  }));
  try {
    const { result } = await writeAsGranted(
      () => grantsOf(context, asked),
      async ({ granted, consents }) => {
        const sealed = await sealedEntries(context, identified, async (entry) => [
          own,
          ...(await granteeRecipients(context, consents, entry)),
        ]);
        const keys = sealed.flatMap((entry) => grantedKeysOf(consents, entry, entry.keys));
        if (keys.length > care.maxContributedKeys)
          throw new BadUserInput('Send fewer resources at a time: there are many for whom they are sealed.');
        const entries = sealed.map((entry) => ({ ...entry, keys: { [patient]: entry.keys[patient] ?? '' } }));
        return context.commit<care.Contribution>({
          contract: 'Contributions',
          transaction: 'ContributeEntries',
          argument: { ...named, source, entries, keys, granted },
        });
      },
    );
    return { contribution: result, stored: true };
  } catch (error) {
    // Sent twice at the same time: one of the two stored it.
    const raced = error instanceof PlatformError && racing.has(error.code);
    const other = raced ? await takenBefore(context, named) : undefined;
    if (other === undefined) throw error;
    return { contribution: other, stored: false };
  }
}

/** How the ledger refuses the second of two that write the same. */
const racing: ReadonlySet<string> = new Set(['CONTRIBUTION_EXISTS', 'ENTRY_EXISTS', 'COMMIT_FAILED']);

/** The program that calls. @throws `FORBIDDEN` */
function programOf({ caller }: RecordsContext): Program {
  const { role, institution, clientId } = caller;
  if (role !== 'contributor' || institution === undefined || clientId === undefined)
    throw new Forbidden(
      'Only a device or a program of an institution, with credentials of its own, contributes.',
    );
  return { institution, application: clientId };
}

function stateOf(context: RecordsContext, argument: object): Promise<care.ContributorState> {
  return context.evaluate({ contract: 'Contributions', transaction: 'ReadContributor', argument });
}

async function grantsOf(context: RecordsContext, argument: object): Promise<Grantees<Grant>> {
  const { granted, grants } = await stateOf(context, argument);
  return { granted, consents: grants };
}

/** Devices measure: what they bring are Observations. */
function requireTypes({ kind, resourceType }: care.Contributor, resources: readonly FhirResource[]): void {
  resources.forEach(({ resourceType: type }, index) => {
    const isOpen = kind !== 'device' || type === 'Observation';
    if (!isOpen || resourceType?.includes(type) === false)
      throw new ContributionNotCovered(index, type.slice(0, 64));
  });
}

function namesOf(
  context: RecordsContext,
  { patient, idempotencyKey, source }: Batch,
  contents: readonly Content[],
): Pick<care.Contribution, 'batch' | 'digest'> {
  const texts = contents.map(({ plaintext }) => Buffer.from(plaintext).toString('base64'));
  return {
    batch: keyed(context, 'contribution', [patient, idempotencyKey]).slice(0, 32),
    digest: keyed(context, 'contribution digest', [patient, source, ...texts]),
  };
}

/** Of the caller: nobody without the key of this house can tell from it what it stands for. */
function keyed({ caller, services }: RecordsContext, label: string, values: readonly unknown[]): string {
  return services.custody.keyedHash(label, JSON.stringify([caller.subject, ...values]));
}

async function takenBefore(
  context: RecordsContext,
  { patient, institution, application, batch, digest }: Omit<care.Contribution, 'entries' | 'contributedAt'>,
): Promise<care.Contribution | undefined> {
  const argument = { patient, institution, application, batch };
  try {
    const found = await context.evaluate<care.Contribution>({
      contract: 'Contributions',
      transaction: 'ReadContribution',
      argument,
    });
    if (found.digest !== digest) throw new ContributionDiffers();
    return found;
  } catch (error) {
    if (error instanceof PlatformError && error.code === 'CONTRIBUTION_NOT_FOUND') return undefined;
    throw error;
  }
}
