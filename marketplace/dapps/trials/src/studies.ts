import {
  ContractInfo,
  DAppContext,
  DAppContract,
  demand,
  digestOf,
  Evaluation,
  Param,
  Returns,
  Transaction,
} from '@medigraph/dapp';
import { demandForm } from './edit-checks.js';
import { TrialState } from './state.js';
import { FormDef, Result, ResultTerms, Site, Study, type StudyStatus, StudyTerms } from './types.js';

/** What a sponsor may make of a study, from each state. */
const ways: Readonly<Partial<Record<StudyStatus, readonly StudyStatus[]>>> = {
  'in-review': ['withdrawn'],
  approved: ['active', 'withdrawn'],
  active: ['closed-to-accrual', 'withdrawn'],
  'closed-to-accrual': ['active', 'completed', 'withdrawn'],
};

@ContractInfo('Studies, from the protocol to the signed results.')
export class Studies extends DAppContract {
  @Transaction('As a sponsor: submits a study for review.')
  @Returns(Study)
  async submit(ctx: DAppContext, @Param('study', 'The study.') terms: StudyTerms): Promise<Study> {
    await ctx.institutions.requireOwn(terms.sponsor);
    await ctx.installations.require(terms.sponsor);
    const state = new TrialState(ctx);
    demand((await state.studies.get(terms.id)) === undefined, 'STUDY_EXISTS', `there is a study ${terms.id}`);
    return this.#change(ctx, state, {
      ...terms,
      organization: ctx.caller.mspId,
      status: 'in-review',
      decisions: [],
    });
  }

  @Transaction('As a regulator: approves or disapproves the protocol as it stands.')
  @Returns(Study)
  async decide(
    ctx: DAppContext,
    @Param('study', 'Its id.') id: string,
    @Param('institution', 'Id of the regulator.') institution: string,
    @Param(
      'protocolDigest',
      'SHA-256 of the protocol that was read: a decision about another one is refused.',
    )
    protocolDigest: string,
    @Param('decision', 'What is decided.', { enum: ['approved', 'disapproved'] }) decision: string,
    @Param('reason', 'Why.', { minLength: 1, maxLength: 500 }) reason: string,
  ): Promise<Study> {
    const { kind } = await ctx.institutions.requireOwn(institution);
    demand(kind === 'regulator', 'CALLER_FORBIDDEN', `${institution} is no regulator`);
    const state = new TrialState(ctx);
    const study = await state.study(id);
    demand(study.status === 'in-review', 'STUDY_STATE_INVALID', `study ${id} is ${study.status}`);
    demand(
      study.protocolDigest === protocolDigest,
      'PROTOCOL_CHANGED',
      `the protocol of ${id} is another by now`,
    );
    const decided = decision === 'approved' ? 'approved' : 'disapproved';
    const { protocolVersion } = study;
    const said = {
      institution,
      decision: decided,
      protocolVersion,
      protocolDigest,
      reason,
      at: ctx.now,
    } as const;
    await state.deciders.put(true, id, ctx.caller.mspId);
    return this.#change(ctx, state, {
      ...study,
      status: decided,
      decisions: [...study.decisions, said],
    });
  }

  @Transaction(
    'As the sponsor: changes the protocol, which is reviewed anew; nobody is enrolled until it is approved.',
  )
  @Returns(Study)
  async amend(
    ctx: DAppContext,
    @Param('study', 'Its id.') id: string,
    @Param('protocolVersion', 'Of the new protocol.', { minLength: 1, maxLength: 40 })
    protocolVersion: string,
    @Param('protocolDigest', 'SHA-256 of the new protocol, in hex.', { pattern: '^[0-9a-f]{64}$' })
    protocolDigest: string,
  ): Promise<Study> {
    const state = new TrialState(ctx);
    const study = await state.ownStudy(id);
    demand(
      !['completed', 'withdrawn'].includes(study.status),
      'STUDY_STATE_INVALID',
      `study ${id} is ${study.status}`,
    );
    return this.#change(ctx, state, { ...study, protocolVersion, protocolDigest, status: 'in-review' });
  }

  @Transaction(
    'As the sponsor: opens an approved study, closes it to new subjects, completes or withdraws it.',
  )
  @Returns(Study)
  async move(
    ctx: DAppContext,
    @Param('study', 'Its id.') id: string,
    @Param('status', 'What it becomes.', { enum: ['active', 'closed-to-accrual', 'completed', 'withdrawn'] })
    status: string,
  ): Promise<Study> {
    const state = new TrialState(ctx);
    const study = await state.ownStudy(id);
    const next = ways[study.status]?.find((one) => one === status);
    demand(
      next !== undefined,
      'STUDY_STATE_INVALID',
      `study ${id} is ${study.status} and cannot become ${status}`,
    );
    return this.#change(ctx, state, { ...study, status: next });
  }

  @Transaction('As the sponsor: invites an institution to be a site.')
  @Returns(Site)
  async inviteSite(
    ctx: DAppContext,
    @Param('study', 'Id of the study.') study: string,
    @Param('institution', 'Id of the institution.') institution: string,
  ): Promise<Site> {
    const state = new TrialState(ctx);
    await state.ownStudy(study);
    const { mspId: organization } = await ctx.institutions.read(institution);
    demand(
      (await state.sites.get(study, institution)) === undefined,
      'SITE_EXISTS',
      `${institution} is a site of ${study}`,
    );
    const id = `${study}@${institution}`;
    return this.#keepSite(ctx, state, {
      id,
      study,
      institution,
      organization,
      status: 'invited',
      enrolled: 0,
    });
  }

  @Transaction('As the institution: opens the site, with the practitioner who answers for it; or closes it.')
  @Returns(Site)
  async moveSite(
    ctx: DAppContext,
    @Param('site', 'Its id.') id: string,
    @Param('status', 'What it becomes.', { enum: ['open', 'closed'] }) status: string,
    @Param('investigator', 'Id of the practitioner who signs forms.', { minLength: 1, maxLength: 128 })
    investigator: string,
  ): Promise<Site> {
    const state = new TrialState(ctx);
    const site = await state.ownSite(id);
    await ctx.installations.require(site.institution);
    const next = status === 'open' ? 'open' : 'closed';
    return this.#keepSite(ctx, state, { ...site, status: next, investigator });
  }

  @Transaction('As the sponsor: defines a form. A form never changes: another version is another form.')
  @Returns(FormDef)
  async defineForm(ctx: DAppContext, @Param('form', 'The form.') form: FormDef): Promise<FormDef> {
    const state = new TrialState(ctx);
    await state.ownStudy(form.study);
    const key = [form.study, form.oid, String(form.version)] as const;
    demand(
      (await state.forms.get(...key)) === undefined,
      'FORM_EXISTS',
      `form ${form.oid} has a version ${form.version}: take the next`,
    );
    demandForm(form);
    await state.forms.put(form, ...key);
    return form;
  }

  @Transaction(
    'As the sponsor of a completed study: signs its results, which are of all forms that are locked.',
  )
  @Returns(Result)
  async signResults(
    ctx: DAppContext,
    @Param('result', 'What is signed.') terms: ResultTerms,
  ): Promise<Result> {
    const state = new TrialState(ctx);
    const study = await state.ownStudy(terms.study);
    demand(study.status === 'completed', 'STUDY_STATE_INVALID', `study ${study.id} is not completed`);
    const locked = await state.locks.all(study.id);
    const result: Result = {
      ...terms,
      id: ctx.transactionId,
      dataDigest: digestOf(locked),
      forms: locked.length,
      organization: ctx.caller.mspId,
      at: ctx.now,
      countersignatures: [],
    };
    await state.results.put(result, study.id, result.id);
    ctx.emit('ResultsSigned', [result]);
    return result;
  }

  @Transaction('As a site or a regulator of the study: signs results too.')
  @Returns(Result)
  async countersignResults(
    ctx: DAppContext,
    @Param('study', 'Id of the study.') study: string,
    @Param('result', 'Id of the results.') id: string,
    @Param('institution', 'In whose name.') institution: string,
  ): Promise<Result> {
    const { mspId, kind } = await ctx.institutions.requireOwn(institution);
    const state = new TrialState(ctx);
    const [result, site] = await Promise.all([
      state.results.get(study, id),
      state.sites.get(study, institution),
    ]);
    demand(result !== undefined, 'RESULT_NOT_FOUND', `study ${study} has no results ${id}`);
    demand(
      site !== undefined || kind === 'regulator',
      'CALLER_FORBIDDEN',
      `${institution} is neither a site of ${study} nor a regulator`,
    );
    demand(
      !result.countersignatures.some((one) => one.institution === institution),
      'SIGNED_ALREADY',
      `${institution} has signed`,
    );
    const signature = { institution, organization: mspId, at: ctx.now };
    const signed = { ...result, countersignatures: [...result.countersignatures, signature] };
    await state.results.put(signed, study, id);
    ctx.emit('ResultsSigned', [signed]);
    return signed;
  }

  @Evaluation('A study.')
  @Returns(Study)
  read(ctx: DAppContext, @Param('id', 'Its id.') id: string): Promise<Study> {
    return new TrialState(ctx).study(id);
  }

  @Evaluation('All studies, in the order of their ids.')
  @Returns([Study])
  list(ctx: DAppContext): Promise<Study[]> {
    return new TrialState(ctx).studies.all();
  }

  @Evaluation('Sites of a study.')
  @Returns([Site])
  sites(ctx: DAppContext, @Param('study', 'Id of the study.') study: string): Promise<Site[]> {
    return new TrialState(ctx).sites.all(study);
  }

  @Evaluation('A site.')
  @Returns(Site)
  readSite(ctx: DAppContext, @Param('id', 'Its id.') id: string): Promise<Site> {
    return new TrialState(ctx).site(id);
  }

  @Evaluation('Forms of a study, every version.')
  @Returns([FormDef])
  forms(ctx: DAppContext, @Param('study', 'Id of the study.') study: string): Promise<FormDef[]> {
    return new TrialState(ctx).forms.all(study);
  }

  @Evaluation('Results of a study.')
  @Returns([Result])
  results(ctx: DAppContext, @Param('study', 'Id of the study.') study: string): Promise<Result[]> {
    return new TrialState(ctx).results.all(study);
  }

  async #change(ctx: DAppContext, state: TrialState, study: Study): Promise<Study> {
    await state.studies.put(study, study.id);
    ctx.emit('StudyChanged', [{ study: study.id, status: study.status }]);
    return study;
  }

  async #keepSite(ctx: DAppContext, state: TrialState, site: Site): Promise<Site> {
    const { id, study, institution, enrolled } = site;
    await state.sites.put(site, study, institution);
    ctx.emit('SiteChanged', [{ study, site: id, enrolled }]);
    return site;
  }
}
