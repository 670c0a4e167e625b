/** Everybody listens to every subscription while the case goes on: who is told of an event about the patient. */
import { type LiveGraph, type Person } from '../live-graph.js';
import { eventually } from '../../system/eventually.js';
import { aboutNobodyElse, aboutWhom } from './inputs.js';
import { nothing, shown } from './matrix-page.js';
import { type Operation } from './operations.js';

/** Subscriptions of some people, by operation and name. */
export class Witnesses {
  readonly #told = new Map<string, Map<string, number>>();

  /** Everyone subscribes; answered once every subscription has been taken. */
  static async of(
    graph: LiveGraph,
    subscriptions: readonly Operation[],
    people: Readonly<Record<string, Person>>,
    patient: string,
  ): Promise<Witnesses> {
    const witnesses = new Witnesses();
    await Promise.all(
      Object.entries(people).flatMap(([who, person]) =>
        [...new Set(subscriptions.map(({ subgraph }) => subgraph))].map(async (subgraph) => {
          const client = await graph.subscriber(subgraph, person);
          for (const { name, field } of subscriptions.filter((one) => one.subgraph === subgraph)) {
            const about = aboutWhom[field];
            if (about === undefined) throw new Error(`say in inputs.ts whom an event of ${name} is about`);
            const events = client.iterate({ query: `subscription { ${field} { ${about} } }` });
            const counts = (event: unknown) =>
              aboutNobodyElse.has(field) || JSON.stringify(event).includes(patient);
            void witnesses.#listen(events, name, who, counts);
          }
          // An answer over the same connection says that the subscriptions before it were taken.
          await client.iterate({ query: '{ __typename }' }).next();
        }),
      ),
    );
    return witnesses;
  }

  /** Whoever sees everything has heard of each; then the row of every subscription, by caller. */
  async rows(
    subscriptions: readonly Operation[],
    people: Readonly<Record<string, Person>>,
    ofAll: string,
  ): Promise<Map<string, Map<string, string>>> {
    for (const { name } of subscriptions)
      await eventually(
        `${ofAll} is told by ${name}`,
        () => Promise.resolve(this.#count(name, ofAll)),
        (told) => told > 0,
      );
    return new Map(
      subscriptions.map(({ name }) => [
        name,
        new Map(Object.keys(people).map((who) => [who, this.#count(name, who) > 0 ? shown : nothing])),
      ]),
    );
  }

  #count(name: string, who: string): number {
    return this.#told.get(name)?.get(who) ?? 0;
  }

  async #listen(
    events: AsyncIterable<unknown>,
    name: string,
    who: string,
    counts: (event: unknown) => boolean,
  ): Promise<void> {
    const row = this.#told.get(name) ?? new Map<string, number>();
    this.#told.set(name, row);
    try {
      for await (const event of events) if (counts(event)) row.set(who, (row.get(who) ?? 0) + 1);
    } catch {
      // A refused or ended stream tells nothing more, which is what is asked here.
    }
  }
}
