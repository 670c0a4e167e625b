/** The three subgraphs of the clinic in a process of their own; the parent says which events happen. */
import { Clinic } from '@medigraph/router/testing';

const clinic = await new Clinic().start();
process.on('message', ({ event }: { readonly event: string }) => {
  clinic.claimEvents.append({ id: event });
});
process.once('disconnect', () => process.exit(0));
process.send?.({ type: 'ready', supergraph: clinic.supergraph, endpoints: clinic.endpoints });
