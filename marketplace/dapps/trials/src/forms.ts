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
import { doubtsOf } from './edit-checks.js';
import { QueryList } from './queries.js';
import { type Part, TrialState } from './state.js';
import { purpose } from './subjects.js';
import { AuditRecord, FormData, FormPlace, ItemData, Query, SavedForm, type Site } from './types.js';

const remark = { minLength: 1, maxLength: 500 } as const;

/** Of the answers and of where they stand: signed for one subject, visit and version of a form, they are for no other. */
const signedDigest = ({ subject, event, form, version, items }: FormData): string =>
  digestOf({ subject, event, form, version, items });

@ContractInfo('What is recorded of subjects: forms with edit checks, queries, signatures and an audit trail.')
export class Forms extends DAppContract {
  @Transaction(
    'As a site: saves all answers of a form. Who changes answers says why; a signature is voided. Refused unless the subject’s consent is in force.',
  )
  @Returns(SavedForm)
  async save(
    ctx: DAppContext,
    @Param('place', 'Which form of whom.') place: FormPlace,
    @Param('items', 'All answers.', { type: [ItemData], maxItems: 200 }) items: ItemData[],
    @Param('reason', 'Why answers changed; empty at the first time.', { maxLength: 500 }) reason: string,
  ): Promise<SavedForm> {
    const state = new TrialState(ctx);
    const subject = await state.subject(place.subject);
    const site = await state.ownSite(subject.site);
    demand(
      subject.status === 'on-study',
      'SUBJECT_STATE_INVALID',
      `subject ${subject.id} is ${subject.status}`,
    );
    const patient = (await state.persons.get(subject.id)) ?? '';
    await ctx.consents.require({ patient, purpose });
    const form = await state.forms.get(subject.study, place.form, String(place.version));
    demand(form !== undefined, 'FORM_NOT_FOUND', `there is no form ${place.form}, version ${place.version}`);
    const doubts = doubtsOf(form, items);
    const id = [subject.id, place.event, place.form].join('@');
    const before = await state.formData.get(subject.study, site.institution, id);
    demand(before?.status !== 'locked', 'FORM_LOCKED', `answers ${id} are locked`);
    await this.#writeAudit(ctx, state, { id, before: before?.items ?? [], after: items, reason });
    const queries = await new QueryList(ctx, state, id).follow(doubts);
    const formData: FormData = {
      ...place,
      id,
      study: subject.study,
      site: site.id,
      items,
      status: queries.length > 0 ? 'open' : 'clean',
      savedAt: ctx.now,
    };
    return this.#change(ctx, state, formData, queries);
  }

  @Transaction('As the investigator of the site: signs answers that have no open query.')
  @Returns(SavedForm)
  async sign(
    ctx: DAppContext,
    @Param('formData', 'Id of the answers.') id: string,
    @Param('meaning', 'What the signature means.', remark) meaning: string,
  ): Promise<SavedForm> {
    const state = new TrialState(ctx);
    const { formData, site } = await this.#as(state, id, 'site');
    const { practitioner } = ctx.caller;
    demand(
      practitioner !== undefined && practitioner === site.investigator,
      'CALLER_FORBIDDEN',
      `only ${site.investigator ?? 'the investigator'} signs, with a certificate that says so`,
    );
    demand(formData.status === 'clean', 'FORM_STATE_INVALID', `answers ${id} are ${formData.status}`);
    const signature = { practitioner, meaning, at: ctx.now, digest: signedDigest(formData) };
    return this.#change(ctx, state, { ...formData, status: 'signed', signature }, []);
  }

  @Transaction('As the sponsor: locks signed answers, which then never change.')
  @Returns(SavedForm)
  async lock(ctx: DAppContext, @Param('formData', 'Id of the answers.') id: string): Promise<SavedForm> {
    const state = new TrialState(ctx);
    const { formData } = await this.#as(state, id, 'sponsor');
    demand(formData.status === 'signed', 'FORM_STATE_INVALID', `answers ${id} are ${formData.status}`);
    await state.locks.put(digestOf(formData), formData.study, id);
    return this.#change(ctx, state, { ...formData, status: 'locked' }, []);
  }

  @Transaction('As the sponsor: asks about an answer; a signature is voided.')
  @Returns(SavedForm)
  async raiseQuery(
    ctx: DAppContext,
    @Param('formData', 'Id of the answers.') id: string,
    @Param('item', 'OID of the question.') item: string,
    @Param('text', 'What is asked.', remark) text: string,
  ): Promise<SavedForm> {
    const state = new TrialState(ctx);
    const { formData } = await this.#as(state, id, 'sponsor');
    demand(formData.status !== 'locked', 'FORM_LOCKED', `answers ${id} are locked`);
    const form = await state.forms.get(formData.study, formData.form, String(formData.version));
    demand(
      form?.items.some(({ oid }) => oid === item) === true,
      'ITEM_NOT_FOUND',
      `the form does not ask ${item}`,
    );
    const raised = await new QueryList(ctx, state, id).raise(item, text);
    const { signature: _voided, ...unsigned } = formData;
    const queries = [...(await state.openQueries(id)), raised];
    return this.#change(ctx, state, { ...unsigned, status: 'open' }, queries);
  }

  @Transaction('As the site: answers a query.')
  @Returns(Query)
  async answerQuery(
    ctx: DAppContext,
    @Param('formData', 'Id of the answers.') id: string,
    @Param('query', 'Id of the query.') query: string,
    @Param('text', 'What is said.', remark) text: string,
  ): Promise<Query> {
    const state = new TrialState(ctx);
    await this.#as(state, id, 'site');
    return new QueryList(ctx, state, id).answer(query, text);
  }

  @Transaction('As the sponsor: closes a query; answers without any are clean.')
  @Returns(SavedForm)
  async closeQuery(
    ctx: DAppContext,
    @Param('formData', 'Id of the answers.') id: string,
    @Param('query', 'Id of the query.') query: string,
  ): Promise<SavedForm> {
    const state = new TrialState(ctx);
    const { formData } = await this.#as(state, id, 'sponsor');
    await new QueryList(ctx, state, id).close(query);
    const queries = (await state.openQueries(id)).filter((one) => one.id !== query);
    const status = queries.length > 0 ? 'open' : 'clean';
    return this.#change(ctx, state, { ...formData, status }, queries);
  }

  @Evaluation('Answers, for the site, the sponsor, and regulators who decided about the study.')
  @Returns(SavedForm)
  async read(ctx: DAppContext, @Param('id', 'Of the answers.') id: string): Promise<SavedForm> {
    const state = new TrialState(ctx);
    const { formData } = await state.visibleForm(id);
    return { formData, queries: await state.openQueries(id) };
  }

  @Evaluation('All answers of a site, for the same.')
  @Returns([FormData])
  async ofSite(ctx: DAppContext, @Param('site', 'Id of the site.') id: string): Promise<FormData[]> {
    const state = new TrialState(ctx);
    const site = await state.site(id);
    const part = await state.partIn(await state.study(site.study), site);
    return part === undefined ? [] : state.formData.all(site.study, site.institution);
  }

  @Evaluation('Every query about answers, for the same.')
  @Returns([Query])
  async queries(ctx: DAppContext, @Param('id', 'Of the answers.') id: string): Promise<Query[]> {
    const state = new TrialState(ctx);
    await state.visibleForm(id);
    return state.queries.all(id);
  }

  @Evaluation('Every change of answers, oldest first, for the same.')
  @Returns([AuditRecord])
  async audit(ctx: DAppContext, @Param('id', 'Of the answers.') id: string): Promise<AuditRecord[]> {
    const state = new TrialState(ctx);
    await state.visibleForm(id);
    const records = await state.audit.all(id);
    return records.sort((a, b) => (a.at < b.at ? -1 : a.at > b.at ? 1 : 0));
  }

  async #as(state: TrialState, id: string, wanted: Part): Promise<{ formData: FormData; site: Site }> {
    const { formData, site, part } = await state.visibleForm(id);
    demand(part === wanted, 'CALLER_FORBIDDEN', `this is for the ${wanted}`);
    return { formData, site };
  }

  /** A line for each answer that changed. */
  async #writeAudit(
    { transactionId, caller, now }: DAppContext,
    state: TrialState,
    change: { id: string; before: readonly ItemData[]; after: readonly ItemData[]; reason: string },
  ): Promise<void> {
    const before = new Map(change.before.map(({ oid, value }) => [oid, value]));
    const after = new Map(change.after.map(({ oid, value }) => [oid, value]));
    const changed = [...new Set([...before.keys(), ...after.keys()])].filter(
      (oid) => before.get(oid) !== after.get(oid),
    );
    demand(
      before.size === 0 || changed.length === 0 || change.reason !== '',
      'REASON_MISSING',
      'who changes answers says why',
    );
    const { practitioner, mspId: organization } = caller;
    await Promise.all(
      changed.map((item) => {
        const [was, is] = [before.get(item), after.get(item)];
        const record: AuditRecord = {
          transaction: transactionId,
          formData: change.id,
          item,
          reason: change.reason,
          organization,
          at: now,
          ...(was !== undefined && { before: was }),
          ...(is !== undefined && { after: is }),
          ...(practitioner !== undefined && { practitioner }),
        };
        return state.audit.put(record, change.id, transactionId, item);
      }),
    );
  }

  async #change(
    ctx: DAppContext,
    state: TrialState,
    formData: FormData,
    queries: Query[],
  ): Promise<SavedForm> {
    const { study, site, id, status } = formData;
    const { institution } = await state.site(site);
    await state.formData.put(formData, study, institution, id);
    ctx.emit('FormChanged', [{ study, site, formData: id, status, openQueries: queries.length }]);
    return { formData, queries };
  }
}
