import { type GraphContext, type LiveEvent, liveEvents, livePayload } from '@medigraph/platform/graph';
import { Arg, Ctx, Resolver, Root, Subscription } from 'type-graphql';
import { PatientsContext } from './context.js';
import { patientOf } from './nodes.js';
import { documentOfPatient, patientEvents } from './read-model.js';
import { PatientChanged } from './types.js';

@Resolver()
export class PatientSubscriptions {
  @Subscription(() => PatientChanged, {
    description: 'Your own registration, as it is made, gets other keys and ends.',
    subscribe: ({
      context: { request: context },
      args,
    }: {
      context: GraphContext<PatientsContext>;
      args: { readonly after?: string };
    }) => {
      const patient = context.requirePatient();
      return liveEvents(context, {
        names: patientEvents,
        channels: context.registry.channels,
        after: args.after,
        visible: ({ item }) => Promise.resolve(item.address === patient),
      });
    },
  })
  patientChanged(
    @Root() event: LiveEvent<(typeof patientEvents)[number]>,
    @Ctx('request') _context: PatientsContext,
    @Arg('after', () => String, {
      nullable: true,
      description: 'Cursor to resume after; absent: from now on.',
    })
    _after?: string,
  ): PatientChanged {
    return Object.assign(new PatientChanged(), livePayload(event), {
      patient: patientOf(documentOfPatient(event.item)),
    });
  }
}
