import {
  ContractInfo,
  DAppContext,
  DAppContract,
  demand,
  Evaluation,
  Param,
  Returns,
  Transaction,
} from '@medigraph/dapp';
import { TrialState } from './state.js';
import { type Site, Subject } from './types.js';

/** HL7 v3 PurposeOfUse: clinical trial research. */
export const purpose = 'CLINTRCH';

@ContractInfo('Who takes part in studies: with a consent that can be withdrawn at any time.')
export class Subjects extends DAppContract {
  @Transaction('As an open site of an active study: enrols a patient whose consent for research is in force.')
  @Returns(Subject)
  async enrol(
    ctx: DAppContext,
    @Param('site', 'Id of the site.') siteId: string,
    @Param('key', 'Key of the subject at the site, which says nothing of who it is.', {
      pattern: '^[A-Za-z0-9][A-Za-z0-9._-]{0,39}$',
    })
    key: string,
    @Param('patient', 'Chain address.', { pattern: '^[0-9a-f]{40}$' }) patient: string,
  ): Promise<Subject> {
    const state = new TrialState(ctx);
    const site = await state.ownSite(siteId);
    const { study, institution, status, enrolled } = site;
    const { status: phase, targetEnrollment } = await state.study(study);
    demand(phase === 'active', 'STUDY_STATE_INVALID', `study ${study} is ${phase}: nobody is enrolled now`);
    demand(status === 'open', 'SITE_STATE_INVALID', `site ${siteId} is ${status}`);
    await ctx.installations.require(patient);
    await ctx.consents.require({ patient, purpose });
    const sites = await state.sites.all(study);
    const all = sites.reduce((sum, one) => sum + one.enrolled, 0);
    demand(all < targetEnrollment, 'STUDY_FULL', `study ${study} has its ${targetEnrollment} subjects`);
    demand(
      (await state.subjects.get(study, institution, key)) === undefined,
      'SUBJECT_EXISTS',
      `site ${siteId} has a subject ${key}`,
    );
    demand(
      (await state.participation.get(study, patient)) === undefined,
      'SUBJECT_EXISTS',
      'this patient takes part, or took part, in the study',
    );
    const id = `${siteId}@${key}`;
    const subject: Subject = { id, study, site: siteId, key, status: 'on-study', enrolledAt: ctx.now };
    await Promise.all([
      state.subjects.put(subject, study, institution, key),
      state.persons.put(patient, id),
      state.participation.put(id, study, patient),
      state.sites.put({ ...site, enrolled: enrolled + 1 }, study, institution),
    ]);
    ctx.emit('SiteChanged', [{ study, site: siteId, enrolled: enrolled + 1 }]);
    return subject;
  }

  @Transaction('As the patient: takes part no longer. What was recorded before stays; nothing is added.')
  @Returns(Subject)
  async withdraw(ctx: DAppContext, @Param('study', 'Id of the study.') study: string): Promise<Subject> {
    const state = new TrialState(ctx);
    const patient = await ctx.person();
    const id = patient === undefined ? undefined : await state.participation.get(study, patient);
    demand(id !== undefined, 'SUBJECT_NOT_FOUND', `you do not take part in ${study}`);
    return this.#end(ctx, state, id, 'withdrawn');
  }

  @Transaction('As the site: the subject has come to the end.')
  @Returns(Subject)
  async complete(ctx: DAppContext, @Param('subject', 'Its id.') id: string): Promise<Subject> {
    const state = new TrialState(ctx);
    await state.ownSite((await state.subject(id)).site);
    return this.#end(ctx, state, id, 'off-study');
  }

  @Evaluation('Subjects of a site, for the site and the sponsor.')
  @Returns([Subject])
  async ofSite(ctx: DAppContext, @Param('site', 'Id of the site.') id: string): Promise<Subject[]> {
    const state = new TrialState(ctx);
    const site = await this.#visibleSite(state, id);
    return state.subjects.all(site.study, site.institution);
  }

  @Evaluation('As the site: chain address of a subject.')
  @Returns('string')
  async patientOf(ctx: DAppContext, @Param('subject', 'Its id.') id: string): Promise<string> {
    const state = new TrialState(ctx);
    const { site } = await state.subject(id);
    await state.ownSite(site);
    return (await state.persons.get(id)) ?? '';
  }

  @Evaluation('Studies that the caller takes, or took, part in.')
  @Returns([Subject])
  async mine(ctx: DAppContext): Promise<Subject[]> {
    const state = new TrialState(ctx);
    const patient = await ctx.person();
    if (patient === undefined) return [];
    const studies = await state.studies.all();
    const ids = await Promise.all(studies.map(({ id }) => state.participation.get(id, patient)));
    return Promise.all(ids.filter((id) => id !== undefined).map((id) => state.subject(id)));
  }

  async #visibleSite(state: TrialState, id: string): Promise<Site> {
    const site = await state.site(id);
    const part = await state.partIn(await state.study(site.study), site);
    demand(part !== undefined, 'SITE_NOT_FOUND', `there is no site ${id}`);
    return site;
  }

  async #end(
    ctx: DAppContext,
    state: TrialState,
    id: string,
    status: 'withdrawn' | 'off-study',
  ): Promise<Subject> {
    const subject = await state.subject(id);
    demand(subject.status === 'on-study', 'SUBJECT_STATE_INVALID', `subject ${id} is ${subject.status}`);
    const { institution, enrolled } = await state.site(subject.site);
    const ended = { ...subject, status, endedAt: ctx.now };
    await state.subjects.put(ended, subject.study, institution, subject.key);
    ctx.emit('SiteChanged', [{ study: subject.study, site: subject.site, enrolled }]);
    return ended;
  }
}
