import { checked, writtenOne } from '@medigraph/platform/graph';
import { registry } from '@medigraph/schema';
import { dappId } from '@medigraph/schema/dapps';
import { Arg, Ctx, Mutation, Resolver } from 'type-graphql';
import { z } from 'zod';
import { DAppsContext } from '../context.js';
import { InstallDAppInput, RateDAppInput, UninstallDAppInput } from '../inputs.js';
import { ratingOf } from '../nodes.js';
import { installationPayload } from '../payloads.js';
import { holdingId } from '../read-model.js';
import { DAppInstallationPayload, DAppRatingPayload } from '../types.js';
import { installForPatient, uninstallForPatient } from './patient-installing.js';

const wanted = z.strictObject({
  dapp: dappId,
  scopes: z.array(registry.installation.shape.grants.element.shape.scope).max(40),
});

@Resolver()
export class InstallingMutations {
  @Mutation(() => DAppInstallationPayload, {
    description:
      'As a patient, for yourself; as an operator, for an institution: install a DApp, or change what it is granted. For a patient, each scope becomes a consent to the DApp alone. If it is cut off, call it again.',
  })
  async installDApp(
    @Ctx('request') context: DAppsContext,
    @Arg('input', () => InstallDAppInput, { description: 'Which, and what it is granted.' })
    { dapp, scopes, institution: named, idempotencyKey }: InstallDAppInput,
  ): Promise<DAppInstallationPayload> {
    const holder = await holderOf(context, named);
    const terms = checked(wanted, { dapp, scopes });
    if (holder.institution === undefined)
      return installationPayload(
        context,
        await installForPatient(context, holder.patient, terms, idempotencyKey),
      );
    const argument = checked(registry.installDApp, {
      dapp,
      institution: holder.institution,
      grants: [...new Set(terms.scopes)].map((scope) => ({ scope })),
    });
    return installationPayload(context, await context.commitToRegistry('Install', argument, idempotencyKey));
  }

  @Mutation(() => DAppInstallationPayload, {
    description: 'As whoever installed it: remove a DApp. Every consent that it reads by ends.',
  })
  async uninstallDApp(
    @Ctx('request') context: DAppsContext,
    @Arg('input', () => UninstallDAppInput, { description: 'Which.' })
    { dapp, institution: named, idempotencyKey }: UninstallDAppInput,
  ): Promise<DAppInstallationPayload> {
    const { patient, institution } = await holderOf(context, named);
    const argument = checked(registry.uninstallDApp, { dapp, institution });
    const committed =
      institution === undefined
        ? await uninstallForPatient(context, patient, argument.dapp, idempotencyKey)
        : await context.commitToRegistry<registry.Installation>('Uninstall', argument, idempotencyKey);
    return installationPayload(context, committed);
  }

  @Mutation(() => DAppRatingPayload, {
    description:
      'As whoever has it installed: say what you think of a DApp, in place of what you said before.',
  })
  async rateDApp(
    @Ctx('request') context: DAppsContext,
    @Arg('input', () => RateDAppInput, { description: 'Which, and what.' })
    { dapp, stars, review, institution: named, idempotencyKey }: RateDAppInput,
  ): Promise<DAppRatingPayload> {
    const { institution } = await holderOf(context, named);
    const argument = checked(registry.rateDApp, { dapp, stars, review, institution });
    const { transaction, result } = await context.commitToRegistry<registry.Rating>(
      'Rate',
      argument,
      idempotencyKey,
    );
    const document = await writtenOne(context.book.ratings, holdingId(dapp, result.author), transaction);
    return Object.assign(new DAppRatingPayload(), { transaction, rating: ratingOf(document) });
  }
}

type Holder =
  | { readonly patient: string; readonly institution?: undefined }
  | { readonly patient?: undefined; readonly institution: string };

/** In whose hands the caller takes a DApp. That an institution is of the operator's organisation, peers ask. @throws `FORBIDDEN` */
async function holderOf(context: DAppsContext, institution: string | undefined): Promise<Holder> {
  context.requireRole('patient', 'operator');
  if (context.caller.role === 'patient') return { patient: context.requirePatient() };
  return { institution: institution ?? (await context.requireInstitution('operator')) };
}
