import {
  BadUserInput,
  checked,
  type Connection,
  ConnectionArguments,
  emptyPage,
  findAll,
  type GraphContext,
  type LiveEvent,
  liveEvents,
  livePayload,
  pageOf,
  SecondFactor,
  writtenOne,
} from '@medigraph/platform/graph';
import { care } from '@medigraph/schema';
import { Arg, Args, Ctx, ID, Mutation, Query, Resolver, Root, Subscription } from 'type-graphql';
import { PatientsContext } from '../context.js';
import { escrowFor, handOverShare } from './key-shares.js';
import { recoveryId, visibleRecoveries } from './recovery-book.js';
import {
  ApproveRecoveryInput,
  CancelRecoveryInput,
  HandOverShareInput,
  NameGuardiansInput,
  NameGuardiansPayload,
  Recovery,
  RecoveryChanged,
  RecoveryConnection,
  RecoveryPayload,
  recoveryStatusEnum,
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
    const visible = visibleRecoveries(await context.viewer());
    if (visible === undefined) return undefined;
    const [found] = await findAll(context.recoveryBook.recoveries, [recoveryId(patient, signer)], visible);
    return found && recoveryOf(found);
  }

  @Query(() => RecoveryConnection, {
    description: 'Recoveries of yourself, and of those whose guardian you are; newest first.',
  })
  async recoveries(
    @Ctx('request') context: PatientsContext,
    @Args(() => ConnectionArguments) page: ConnectionArguments,
    @Arg('status', () => recoveryStatusEnum, { nullable: true, description: 'Only those that came so far.' })
    status?: care.Recovery['status'],
  ): Promise<Connection<Recovery>> {
    const visible = visibleRecoveries(await context.viewer());
    if (visible === undefined) return emptyPage(page);
    const filter = { $and: [visible, status === undefined ? {} : { status }] };
    const order = { key: 'requestedAt', direction: -1 } as const;
    return pageOf(context.recoveryBook.recoveries, filter, order, page, recoveryOf);
  }

  @SecondFactor()
  @Mutation(() => NameGuardiansPayload, {
    description:
      'As the patient: name who together may give you another key. Takes the place of those before.',
  })
  async nameGuardians(
    @Ctx('request') context: PatientsContext,
    @Arg('input', () => NameGuardiansInput, { description: 'Who.' })
    { guardians, threshold, waitingDays, shareKeys = threshold > 1, idempotencyKey }: NameGuardiansInput,
  ): Promise<NameGuardiansPayload> {
    context.requirePatient();
    const terms = checked(care.nameGuardians, {
      guardians,
      threshold,
      waitingSeconds: waitingDays * daySeconds,
    });
    if (shareKeys && (threshold < 2 || threshold > guardians.length))
      throw new BadUserInput('shareKeys takes two guardians at least, of those that you name.');
    const { result, transaction } = await context.commit<care.Guardianship>(
      {
        contract: 'Recovery',
        transaction: 'NameGuardians',
        argument: { ...terms, ...(shareKeys && { escrow: await escrowFor(context, terms) }) },
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
    const institution = await guardingInstitution(context);
    return this.#change(
      context,
      'Approve',
      checked(care.approveRecovery, { patient, signer, institution }),
      idempotencyKey,
    );
  }

  @SecondFactor()
  @Mutation(() => RecoveryPayload, {
    description:
      'As a guardian whose keys are kept here, for yourself or your institution, once the recovery is completed: hand your share of the patient’s decryption keys to the key that followed.',
  })
  async handOverShare(
    @Ctx('request') context: PatientsContext,
    @Arg('input', () => HandOverShareInput, { description: 'Which.' })
    { patient, signer, idempotencyKey }: HandOverShareInput,
  ): Promise<RecoveryPayload> {
    const institution = await guardingInstitution(context);
    const named = checked(care.readRecovery, { patient, signer });
    const { transaction } = await handOverShare(context, { ...named, institution }, idempotencyKey);
    const document = await writtenOne(
      context.recoveryBook.recoveries,
      recoveryId(patient, signer),
      transaction,
    );
    return Object.assign(new RecoveryPayload(), { transaction, recovery: recoveryOf(document) });
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
        visible: async ({ item: { patient: of } }) => {
          const { patient, institution } = await context.viewer();
          const party = patient ?? institution;
          if (party === undefined) return false;
          return party === of || context.recoveryBook.isGuardian(of, party);
        },
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

/** For which institution the caller guards; undefined for themself. @throws `FORBIDDEN` */
async function guardingInstitution(context: PatientsContext): Promise<string | undefined> {
  if (context.caller.role === 'patient') return undefined;
  return context.requireInstitution('hospital', 'insurer');
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
