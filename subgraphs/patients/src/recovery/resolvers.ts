import {
  checked,
  type GraphContext,
  type LiveEvent,
  liveEvents,
  livePayload,
  SecondFactor,
} from '@medigraph/platform/graph';
import { KeyNotFoundError } from '@medigraph/platform/identity';
import { ContractRefusedError } from '@medigraph/platform/ledger';
import { care } from '@medigraph/schema';
import { Arg, Ctx, ID, Mutation, Query, Resolver, Root, Subscription } from 'type-graphql';
import { PatientsContext } from '../context.js';
import {
  ApproveRecoveryInput,
  CancelRecoveryInput,
  NameGuardiansInput,
  NameGuardiansPayload,
  Recovery,
  RecoveryChanged,
  RecoveryPayload,
} from './types.js';

const daySeconds = 86_400;
const recoveryEvents = ['RecoveryRequested', 'RecoveryApproved', 'RecoveryCancelled'] as const;

/** For callers whose keys are kept here. Wallets sign the same transactions of the contract `Recovery` themselves. */
@Resolver()
export class RecoveryResolvers {
  @Query(() => Recovery, {
    nullable: true,
    description: 'A recovery; null unless you are its patient or one of their guardians.',
  })
  async recovery(
    @Ctx('request') context: PatientsContext,
    @Arg('patient', () => ID, { description: 'Chain address of the patient.' }) patient: string,
    @Arg('signer', () => ID, { description: 'Chain address of the key that is to follow.' }) signer: string,
  ): Promise<Recovery | undefined> {
    const found = await read(context, checked(care.readRecovery, { patient, signer }));
    return found && recoveryOf(found);
  }

  @SecondFactor()
  @Mutation(() => NameGuardiansPayload, {
    description:
      'As the patient: name who together may give you another key. Takes the place of those before.',
  })
  async nameGuardians(
    @Ctx('request') context: PatientsContext,
    @Arg('input', () => NameGuardiansInput, { description: 'Who.' })
    { guardians, threshold, waitingDays, idempotencyKey }: NameGuardiansInput,
  ): Promise<NameGuardiansPayload> {
    context.requirePatient();
    const { result, transaction } = await context.commit<care.Guardianship>(
      {
        contract: 'Recovery',
        transaction: 'NameGuardians',
        argument: checked(care.nameGuardians, {
          guardians,
          threshold,
          waitingSeconds: waitingDays * daySeconds,
        }),
      },
      { idempotencyKey },
    );
    return Object.assign(new NameGuardiansPayload(), { transaction, guardians: result.guardians });
  }

  @SecondFactor()
  @Mutation(() => RecoveryPayload, {
    description:
      'As a guardian, for yourself or your institution: agree to a recovery. Make sure that who asks is the patient. With the last yes needed, the waiting begins.',
  })
  async approveRecovery(
    @Ctx('request') context: PatientsContext,
    @Arg('input', () => ApproveRecoveryInput, { description: 'Which.' })
    { patient, signer, idempotencyKey }: ApproveRecoveryInput,
  ): Promise<RecoveryPayload> {
    const institution =
      context.caller.role === 'patient' ? undefined : await context.requireInstitution('hospital', 'insurer');
    return this.#change(
      context,
      'Approve',
      checked(care.approveRecovery, { patient, signer, institution }),
      idempotencyKey,
    );
  }

  @Mutation(() => RecoveryPayload, {
    description: 'As the patient, with the key there is: cancel a recovery that you did not ask for.',
  })
  async cancelRecovery(
    @Ctx('request') context: PatientsContext,
    @Arg('input', () => CancelRecoveryInput, { description: 'Which.' })
    { signer, idempotencyKey }: CancelRecoveryInput,
  ): Promise<RecoveryPayload> {
    context.requirePatient();
    return this.#change(context, 'Cancel', checked(care.cancelRecovery, { signer }), idempotencyKey);
  }

  @Subscription(() => RecoveryChanged, {
    description:
      'Recoveries of yourself, or of those whose guardian you are, as they are requested, approved and cancelled.',
    subscribe: ({
      context: { request: context },
      args,
    }: {
      context: GraphContext<PatientsContext>;
      args: { readonly after?: string };
    }) =>
      liveEvents(context, {
        names: recoveryEvents,
        channels: context.registry.channels,
        after: args.after,
        visible: async ({ item: { patient, signer } }) =>
          (await context.viewer()).patient === patient ||
          (await read(context, { patient, signer })) !== undefined,
      }),
  })
  recoveryChanged(
    @Root() event: LiveEvent<(typeof recoveryEvents)[number]>,
    @Ctx('request') _context: PatientsContext,
    @Arg('after', () => String, {
      nullable: true,
      description: 'Cursor to resume after; absent: from now on.',
    })
    _after?: string,
  ): RecoveryChanged {
    return Object.assign(new RecoveryChanged(), livePayload(event), { recovery: recoveryOf(event.item) });
  }

  async #change(
    context: PatientsContext,
    transaction: 'Approve' | 'Cancel',
    argument: unknown,
    idempotencyKey: string | undefined,
  ): Promise<RecoveryPayload> {
    const committed = await context.commit<care.Recovery>(
      { contract: 'Recovery', transaction, argument },
      { idempotencyKey },
    );
    return Object.assign(new RecoveryPayload(), {
      transaction: committed.transaction,
      recovery: recoveryOf(committed.result),
    });
  }
}

/** A recovery as the ledger lets the caller see it. */
async function read(
  context: PatientsContext,
  argument: { patient: string; signer: string },
): Promise<care.Recovery | undefined> {
  try {
    return await context.evaluate<care.Recovery>({ contract: 'Recovery', transaction: 'Read', argument });
  } catch (error) {
    if (error instanceof ContractRefusedError && error.code === 'RECOVERY_NOT_FOUND') return undefined;
    // The ledger is asked by a key; a guardian who keeps theirs asks it with their wallet.
    if (error instanceof KeyNotFoundError) return undefined;
    throw error;
  }
}

function recoveryOf({
  patient,
  signer,
  status,
  requestedAt,
  approvedBy,
  effectiveAt,
}: care.Recovery): Recovery {
  return Object.assign(new Recovery(), { patient, signer, status, requestedAt, approvedBy, effectiveAt });
}
