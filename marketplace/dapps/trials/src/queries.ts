import { type DAppContext, demand } from '@medigraph/dapp';
import { type Doubt } from './edit-checks.js';
import { type TrialState } from './state.js';
import { type Query } from './types.js';

/** Queries about the answers of one form. */
export class QueryList {
  readonly #ctx: DAppContext;
  readonly #state: TrialState;
  readonly #formData: string;

  constructor(ctx: DAppContext, state: TrialState, formData: string) {
    this.#ctx = ctx;
    this.#state = state;
    this.#formData = formData;
  }

  /**
   * Raises what new answers make doubtful, and closes automatic queries about what is doubtful no more.
   * @returns those that are not closed then.
   */
  async follow(doubts: readonly Doubt[]): Promise<Query[]> {
    const present = await this.#state.openQueries(this.#formData);
    const about = ({ origin, item, remarks: [first] }: Query, doubt: Doubt): boolean =>
      origin === 'automatic' && item === doubt.item && first?.text === doubt.text;
    const kept = present.filter(
      (query) => query.origin === 'manual' || doubts.some((doubt) => about(query, doubt)),
    );
    const settled = present.filter((query) => !kept.includes(query));
    await Promise.all(settled.map((query) => this.#keep({ ...query, status: 'closed' })));
    const fresh = doubts.filter((doubt) => !kept.some((query) => about(query, doubt)));
    const raised = await Promise.all(
      fresh.map(({ item, text }, index) => this.#open(item, text, 'automatic', index)),
    );
    return [...kept, ...raised];
  }

  raise(item: string, text: string): Promise<Query> {
    return this.#open(item, text, 'manual', 0);
  }

  async answer(id: string, text: string): Promise<Query> {
    const query = await this.#query(id);
    return this.#keep({ ...query, status: 'answered', remarks: [...query.remarks, this.#said(text)] });
  }

  async close(id: string): Promise<Query> {
    return this.#keep({ ...(await this.#query(id)), status: 'closed' });
  }

  #open(item: string, text: string, origin: Query['origin'], index: number): Promise<Query> {
    const id = `${this.#ctx.transactionId}.${index}`;
    return this.#keep({
      id,
      formData: this.#formData,
      item,
      origin,
      status: 'open',
      remarks: [this.#said(text)],
    });
  }

  async #query(id: string): Promise<Query> {
    const found = await this.#state.queries.get(this.#formData, id);
    demand(found !== undefined, 'QUERY_NOT_FOUND', `there is no query ${id}`);
    demand(found.status !== 'closed', 'QUERY_CLOSED', `query ${id} is closed`);
    return found;
  }

  #said(text: string): Query['remarks'][number] {
    return { organization: this.#ctx.caller.mspId, text, at: this.#ctx.now };
  }

  async #keep(query: Query): Promise<Query> {
    await this.#state.queries.put(query, this.#formData, query.id);
    return query;
  }
}
