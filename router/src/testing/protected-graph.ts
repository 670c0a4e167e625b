import { composeServices, compositionHasErrors } from '@theguild/federation-composition';
import { parse } from 'graphql';
import { SubgraphServer } from './subgraph-server.js';
import { Topic } from './topic.js';

const federation = `extend schema @link(url: "https://specs.apollo.dev/federation/v2.9",
  import: ["@key", "@authenticated", "@requiresScopes", "@policy"])`;

const peopleSchema = `${federation}
  type Query {
    motto: String
    me: Person @authenticated
    person(id: ID!): Person
    people: [Person!]!
    notes: [Note!]!
    maybeNotes: [Note]
    found: [Finding]
    sealed: Sealed
    diagnosis: Diagnosis
  }
  type Mutation {
    rename(id: ID!): Person @requiresScopes(scopes: [["write"]])
    wipe: String @policy(policies: [["mfa"]])
  }
  type Subscription { moved: Person @authenticated  sealedMoved: Person @policy(policies: [["mfa"]]) }
  type Person @key(fields: "id") {
    id: ID!
    name: String
    email: String @requiresScopes(scopes: [["read:email", "read:person"], ["admin"]])
    salary: Int! @requiresScopes(scopes: [["payroll"]])
    boss: Person
    sealed: Sealed
    diagnosis: Diagnosis
  }
  type Sealed @policy(policies: [["mfa"]]) { text: String }
  scalar Diagnosis @requiresScopes(scopes: [["clinical"]])
  interface Note { text: String! author: Person }
  type Letter implements Note { text: String! @requiresScopes(scopes: [["letters"]]) author: Person }
  type Call implements Note { text: String! author: Person }
  type Memo implements Note @requiresScopes(scopes: [["memos"]]) { text: String! author: Person }
  union Finding = Person | Letter | Memo
`;

const badgesSchema = `${federation}
  type Person @key(fields: "id") {
    id: ID!
    age: Int @authenticated
    badge: String @policy(policies: [["vip", "member"], ["mfa"]])
    unheard: String @policy(policies: [["unheard"]])
  }
`;

/** Two real subgraphs whose graph is protected by every directive of access in every place. */
export class ProtectedGraph {
  readonly moved = new Topic<{ id: string }>();
  readonly people: SubgraphServer;
  readonly badges: SubgraphServer;

  constructor() {
    const person = (id: string) => ({ id, name: `P${id}`, email: `${id}@x`, salary: 7, diagnosis: 'J45' });
    const withBoss = (id: string) => ({ ...person(id), boss: person('9'), sealed: { text: 'hush' } });
    const note = (type: string) => ({ __typename: type, text: type.toLowerCase(), author: person('5') });
    const notes = () => ['Letter', 'Call', 'Memo'].map(note);
    const subscription = {
      subscribe: () => this.moved.subscribe(),
      resolve: ({ id }: { id: string }) => withBoss(id),
    };
    this.people = new SubgraphServer('people', peopleSchema, {
      Query: {
        motto: () => 'semper',
        me: () => withBoss('1'),
        person: (_: unknown, { id }: { id: string }) => (id === '0' ? null : withBoss(id)),
        people: () => ['1', '2', '3'].map(withBoss),
        notes,
        maybeNotes: notes,
        found: () => [{ __typename: 'Person', ...withBoss('1') }, note('Letter'), note('Memo')],
        sealed: () => ({ text: 'hush' }),
        diagnosis: () => 'J45',
      },
      Mutation: { rename: (_: unknown, { id }: { id: string }) => withBoss(id), wipe: () => 'wiped' },
      Subscription: { moved: subscription, sealedMoved: subscription },
      Person: { __resolveReference: ({ id }: { id: string }) => withBoss(id) },
    });
    this.badges = new SubgraphServer('badges', badgesSchema, {
      Person: {
        __resolveReference: (reference: unknown) => reference,
        age: () => 40,
        badge: () => 'gold',
        unheard: () => 'never',
      },
    });
  }

  get subgraphs(): readonly SubgraphServer[] {
    return [this.people, this.badges];
  }

  /** SDL of the supergraph; of one with other people, if given. */
  supergraph(people = peopleSchema): string {
    const result = composeServices([
      { name: 'people', url: this.people.url, typeDefs: parse(people) },
      { name: 'badges', url: this.badges.url, typeDefs: parse(badgesSchema) },
    ]);
    if (compositionHasErrors(result)) throw new Error(result.errors.map(({ message }) => message).join('\n'));
    return result.supergraphSdl;
  }

  /** The supergraph once `field` of the people is asked more for. */
  tightened(field: string, directive: string): string {
    return this.supergraph(peopleSchema.replace(field, `${field} ${directive}`));
  }

  get endpoints(): Record<string, { url: string; wsUrl: string }> {
    return Object.fromEntries(this.subgraphs.map(({ name, url, wsUrl }) => [name, { url, wsUrl }]));
  }

  /** What was asked of the subgraphs so far. */
  get asked(): string {
    return this.subgraphs.flatMap(({ received }) => received.map(({ query }) => query)).join('\n');
  }

  async start(): Promise<this> {
    await Promise.all(this.subgraphs.map((subgraph) => subgraph.start()));
    return this;
  }

  async stop(): Promise<void> {
    await Promise.all(this.subgraphs.map((subgraph) => subgraph.stop()));
  }
}
