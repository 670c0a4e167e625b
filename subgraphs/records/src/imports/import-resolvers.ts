import { BadUserInput } from '@medigraph/platform/graph';
import { care } from '@medigraph/schema';
import { Arg, Ctx, Mutation, Resolver } from 'type-graphql';
import { RecordsContext } from '../context.js';
import { entryOf } from '../nodes.js';
import { recordKeepers } from '../policy.js';
import { type Candidate, candidatesOf, candidatesOfBundle } from './candidates.js';
import { importCandidates, type ImportOutcome as Outcome } from './importing.js';
import { ImportEntriesInput, ImportEntriesPayload, ImportOutcome } from './import-types.js';
import { institutionTarget, namesIn } from './targets.js';

/** Most resources of one call. */
export const maxImport = 4 * care.maxBatch;

@Resolver()
export class ImportResolvers {
  @Mutation(() => ImportEntriesPayload, {
    description:
      'As an institution that the patient lets store records: take in what another system has about them. Each resource is judged for itself, and stored once however often it is sent. They are PRELIMINARY until the patient authorises them.',
  })
  async importEntries(
    @Ctx('request') context: RecordsContext,
    @Arg('input', () => ImportEntriesInput, { description: 'Whose, and what.' })
    { patient, resources, bundle, knownAs, source }: ImportEntriesInput,
  ): Promise<ImportEntriesPayload> {
    context.requireRole(...recordKeepers);
    const target = await institutionTarget(context, patient, source);
    const names = namesIn(context, patient, knownAs ?? []);
    if ((resources ?? undefined) === undefined ? !bundle : bundle)
      throw new BadUserInput('Send either resources or a bundle.');
    const { resourceBytes } = context.limits;
    const candidates = await (resources
      ? candidatesOf(resources, names, resourceBytes)
      : candidatesOfBundle(bundle, names, resourceBytes));
    requireFew(candidates);
    return payloadOf(await importCandidates(context, target, candidates));
  }
}

function requireFew(candidates: readonly Candidate[]): void {
  if (candidates.length === 0 || candidates.length > maxImport)
    throw new BadUserInput(`Send 1 to ${maxImport} resources at a time, not ${candidates.length}.`);
}

export function payloadOf(outcomes: readonly Outcome[]): ImportEntriesPayload {
  return Object.assign(new ImportEntriesPayload(), {
    outcomes: outcomes.map(({ index, status, entry, refusal }) =>
      Object.assign(new ImportOutcome(), {
        index,
        status,
        entry: entry && entryOf(entry),
        code: refusal?.code,
        issues: refusal ? refusal.issues : [],
      }),
    ),
  });
}
