/** The same batches as an import makes of the resources, sealed beforehand, for the bare client to submit. */
import { randomBytes } from 'node:crypto';
import { createEnvelopeService } from '@medigraph/platform/envelope';
import { canonicalBytes, entryOf, type R4Resource } from '@medigraph/platform/fhir';
import { type care } from '@medigraph/schema';
import { type Contract } from '@hyperledger/fabric-gateway';

/** Whose the entries are, and who holds them. */
export interface Parties {
  readonly patient: string;
  readonly institution: string;
}

/** Arguments of `Records:ProposeEntries`, each with as many entries as a batch has. */
export async function bareBatches(
  registration: Contract,
  parties: Parties,
  resources: readonly R4Resource[],
  batchSize: number,
): Promise<string[]> {
  const envelopes = createEnvelopeService();
  const { patient, institution } = parties;
  const recipients = await Promise.all(
    Object.entries({ patient, institution }).map(async ([kind, id]) => ({
      id,
      key: await encryptionKeyOf(registration, { [kind]: id }),
    })),
  );
  const batches: string[] = [];
  for (let from = 0; from < resources.length; from += batchSize) {
    const entries: care.ProposedEntry[] = [];
    for (const resource of resources.slice(from, from + batchSize)) {
      const id = randomBytes(16).toString('hex');
      const sealed = await envelopes.seal(id, canonicalBytes(resource), recipients);
      entries.push({ id, ...entryOf(resource), ...sealed });
    }
    batches.push(JSON.stringify({ ...parties, method: 'imported', entries }));
  }
  return batches;
}

async function encryptionKeyOf(
  registration: Contract,
  party: object,
): Promise<care.Patient['encryptionKey']> {
  const answer = await registration.evaluateTransaction('Resolve', JSON.stringify(party));
  return (JSON.parse(Buffer.from(answer).toString()) as care.Patient).encryptionKey;
}
