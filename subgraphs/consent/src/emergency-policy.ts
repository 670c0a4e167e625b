/** How the glass may be broken: read by everyone, set by a regulator. */
import { checked, SecondFactor } from '@medigraph/platform/graph';
import { care } from '@medigraph/schema';
import { Arg, Ctx, Mutation, Query, Resolver } from 'type-graphql';
import { ConsentContext } from './context.js';
import { EmergencyPolicy, EmergencyPolicyPayload, SetEmergencyPolicyInput } from './emergency-types.js';
import { emergencyPolicyOf } from './nodes.js';
import { currentPolicy, type EmergencyPolicyDocument } from './read-model.js';

@Resolver(() => EmergencyPolicy)
export class EmergencyPolicyResolvers {
  @Query(() => EmergencyPolicy, { description: 'How the consortium lets the glass be broken.' })
  async emergencyPolicy(@Ctx('request') { book }: ConsentContext): Promise<EmergencyPolicy> {
    const set = await book.emergencyPolicies.findById(currentPolicy).lean<EmergencyPolicyDocument>().exec();
    return emergencyPolicyOf(set ?? care.defaultEmergencyPolicy);
  }

  @SecondFactor()
  @Mutation(() => EmergencyPolicyPayload, {
    description:
      'As a regulator: set for how long the glass may be broken, and by when that is to be reviewed. What is broken already stays as it is.',
  })
  async setEmergencyPolicy(
    @Ctx('request') context: ConsentContext,
    @Arg('input', () => SetEmergencyPolicyInput, { description: 'What holds from now on.' })
    { maxMinutes, reviewHours, idempotencyKey }: SetEmergencyPolicyInput,
  ): Promise<EmergencyPolicyPayload> {
    const institution = await context.requireInstitution('regulator');
    const { transaction, result } = await context.commit<care.EmergencyPolicy>(
      {
        contract: 'Emergency',
        transaction: 'SetPolicy',
        argument: checked(care.setEmergencyPolicy, { institution, maxMinutes, reviewHours }),
      },
      { idempotencyKey },
    );
    return Object.assign(new EmergencyPolicyPayload(), {
      transaction,
      emergencyPolicy: emergencyPolicyOf(result),
    });
  }
}
