/** The three subgraphs of the clinic in a process of their own. */
import { Clinic } from '@medigraph/router/testing';

const clinic = await new Clinic().start();
process.once('disconnect', () => process.exit(0));
process.send?.({ type: 'ready', supergraph: clinic.supergraph, endpoints: clinic.endpoints });
