import { type DAppContext, demand } from '@medigraph/dapp';
import {
  type AuditRecord,
  type FormData,
  type FormDef,
  type Query,
  type Result,
  type Site,
  type Study,
  type Subject,
} from './types.js';

/** Who of the study's parties asks. */
export type Part = 'sponsor' | 'site' | 'regulator';

/** What stands on the ledger of studies; what is not for a caller answers as if it were not there. */
export class TrialState {
  readonly #ctx: DAppContext;

  constructor(ctx: DAppContext) {
    this.#ctx = ctx;
  }

  get studies() {
    return this.#ctx.table<Study>('study');
  }

  /** By study and institution. */
  get sites() {
    return this.#ctx.table<Site>('site');
  }

  /** By study, institution and key. */
  get subjects() {
    return this.#ctx.table<Subject>('subject');
  }

  /** Who a subject is, by its id: a chain address. */
  get persons() {
    return this.#ctx.table<string>('person');
  }

  /** Id of a person's subject, by study and chain address. */
  get participation() {
    return this.#ctx.table<string>('participation');
  }

  /** By study, OID and version. */
  get forms() {
    return this.#ctx.table<FormDef>('form');
  }

  /** By study, institution and id. */
  get formData() {
    return this.#ctx.table<FormData>('form-data');
  }

  /** By answers and id. */
  get queries() {
    return this.#ctx.table<Query>('query');
  }

  /** By answers, transaction and question. */
  get audit() {
    return this.#ctx.table<AuditRecord>('audit');
  }

  /** Digests of locked forms, by study and id. */
  get locks() {
    return this.#ctx.table<string>('lock');
  }

  /** By study and id. */
  get results() {
    return this.#ctx.table<Result>('result');
  }

  /** Regulators who decided about a study, by study and MSP id. */
  get deciders() {
    return this.#ctx.table<true>('decider');
  }

  async study(id: string): Promise<Study> {
    const found = await this.studies.get(id);
    demand(found !== undefined, 'STUDY_NOT_FOUND', `there is no study ${id}`);
    return found;
  }

  async ownStudy(id: string): Promise<Study> {
    const found = await this.study(id);
    demand(
      found.organization === this.#ctx.caller.mspId && !this.#ctx.caller.isPerson,
      'CALLER_FORBIDDEN',
      `only ${found.organization}, the sponsor of ${id}, does that`,
    );
    return found;
  }

  async site(id: string): Promise<Site> {
    const [study = '', institution = ''] = id.split('@');
    const found = await this.sites.get(study, institution);
    demand(found !== undefined, 'SITE_NOT_FOUND', `there is no site ${id}`);
    return found;
  }

  async ownSite(id: string): Promise<Site> {
    const found = await this.site(id);
    demand(this.#isOf(found), 'SITE_NOT_FOUND', `your organisation has no site ${id}`);
    return found;
  }

  async subject(id: string): Promise<Subject> {
    const [study = '', institution = '', key = ''] = id.split('@');
    const found = await this.subjects.get(study, institution, key);
    demand(found !== undefined, 'SUBJECT_NOT_FOUND', `there is no subject ${id}`);
    return found;
  }

  /** Answers, and as what the caller sees them: the site, the sponsor, or a regulator who decided about the study. */
  async visibleForm(id: string): Promise<{ formData: FormData; site: Site; study: Study; part: Part }> {
    const [studyId = '', institution = ''] = id.split('@');
    const [formData, site, study] = await Promise.all([
      this.formData.get(studyId, institution, id),
      this.sites.get(studyId, institution),
      this.studies.get(studyId),
    ]);
    const part = study && site && (await this.partIn(study, site));
    demand(
      formData !== undefined && site !== undefined && study !== undefined && part !== undefined,
      'FORM_DATA_NOT_FOUND',
      `there are no answers ${id}`,
    );
    return { formData, site, study, part };
  }

  /** As what the caller takes part in a study, as far as a site goes; undefined for nobody of it. */
  async partIn(study: Study, site: Site): Promise<Part | undefined> {
    if (this.#ctx.caller.isPerson) return undefined;
    if (this.#isOf(site)) return 'site';
    if (study.organization === this.#ctx.caller.mspId) return 'sponsor';
    const decided = await this.deciders.get(study.id, this.#ctx.caller.mspId);
    return decided === undefined ? undefined : 'regulator';
  }

  async openQueries(formData: string): Promise<Query[]> {
    return (await this.queries.all(formData)).filter(({ status }) => status !== 'closed');
  }

  #isOf({ organization }: Site): boolean {
    return !this.#ctx.caller.isPerson && organization === this.#ctx.caller.mspId;
  }
}
