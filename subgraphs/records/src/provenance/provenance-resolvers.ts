import { Ctx, FieldResolver, Resolver, Root } from 'type-graphql';
import { RecordsContext } from '../context.js';
import { institutionNode } from '../nodes.js';
import { Entry } from '../types.js';
import { fhirProvenance } from './fhir-provenance.js';
import { Provenance, ProvenanceAgent } from './provenance-types.js';
import { trustOf } from './trust.js';

@Resolver(() => Entry)
export class EntryProvenance {
  @FieldResolver(() => Provenance, {
    nullable: true,
    description:
      'Where it comes from; null of an entry from before that was kept, and to whom it is not shown.',
  })
  async provenance(
    @Root() { id }: Entry,
    @Ctx('request') context: RecordsContext,
  ): Promise<Provenance | undefined> {
    // Asked anew, so that an entry that came by another way shows no more than it would by this.
    const entry = await context.loaders.entries.load(id);
    if (entry?.provenance === undefined) return undefined;
    const { agent, onBehalfOf, method, source } = entry.provenance;
    return Object.assign(new Provenance(), {
      agent: Object.assign(new ProvenanceAgent(), agent),
      onBehalfOf: onBehalfOf === undefined ? undefined : institutionNode(onBehalfOf),
      method,
      source,
      recordedAt: entry.recordedAt,
      trust: trustOf(entry),
      resource: fhirProvenance(id, entry.provenance, entry.recordedAt),
    });
  }
}
