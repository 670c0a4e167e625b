import { composeServices, compositionHasErrors } from '@theguild/federation-composition';
import { GraphQLError, parse } from 'graphql';
import { SubgraphServer, type SubgraphCall } from './subgraph-server.js';
import { EventLog } from './event-log.js';
import { Topic } from './topic.js';

const federation = `extend schema @link(url: "https://specs.apollo.dev/federation/v2.6",
  import: ["@key", "@external", "@requires", "@provides", "@shareable", "@inaccessible"])`;

const claimsSchema = `${federation}
  type Query { claims(first: Int): [Claim!]!  claim(id: ID!): Claim  party(id: ID!): Party  connection(first: Int): ClaimConnection! }
  type Mutation { submitClaim(id: ID!): Claim!  noteInClaims(text: String!): [String!]! }
  type Subscription { claimChanged(burst: Int): Claim!  claimEvents(after: String, states: [ClaimStatus!]): ClaimEvent! }
  type ClaimEvent { cursor: String! claim: Claim! }
  type ClaimConnection { edges: [ClaimEdge!]! }
  type ClaimEdge { node: Claim! }
  type Claim @key(fields: "id") { id: ID! status: ClaimStatus! amount: Float patient: Patient! notes: [Note!] inner: String @inaccessible }
  enum ClaimStatus { ENTERED PAID }
  interface Note { text: String! }
  type Letter implements Note { text: String! pages: Int! }
  type Call implements Note { text: String! minutes: Int! }
  union Party = Patient | Insurer
  type Insurer { name: String! }
  type Patient @key(fields: "id") { id: ID! birthYear: Int @external age: Int @requires(fields: "birthYear") }
`;

const patientsSchema = `${federation}
  type Query { patient(id: ID!): Patient  slow(milliseconds: Int!): String }
  type Mutation { noteInPatients(text: String!): [String!]! }
  type Patient @key(fields: "id") {
    id: ID! name: String! birthYear: Int home: Institution  secret: String  broken: String!  crash: String  missing: String!
  }
  type Institution @key(fields: "id") { id: ID! }
`;

const institutionsSchema = `${federation}
  type Query { institution(id: ID!): Institution }
  type Institution @key(fields: "id") { id: ID! name: String! beds: Int }
`;

/** The event that the topic `claimChanged` carries. */
export interface ClaimEvent {
  readonly id: string;
}

const claim = (id: string) => ({
  id,
  status: Number(id) % 2 === 0 ? 'PAID' : 'ENTERED',
  amount: Number(id) * 10,
  patient: { __typename: 'Patient', id: `p${Number(id) % 3}` },
  notes: [
    { __typename: 'Letter', text: `letter ${id}`, pages: 2 },
    { __typename: 'Call', text: `call ${id}`, minutes: 3 },
  ],
});
const list = (first = 20) => Array.from({ length: first }, (_, index) => claim(String(index + 1)));
const party = (id: string) =>
  id.startsWith('p') ? { __typename: 'Patient', id } : { __typename: 'Insurer', name: `Insurer ${id}` };
const patient = (id: string) => ({
  id,
  name: `Patient ${id}`,
  birthYear: 1960 + Number(id.slice(1)),
  home: { id: `i${Number(id.slice(1)) % 2}` },
});
const ageOf = (birthYear: number): number => 2026 - birthYear;
const institution = (id: string) => ({ id, name: `Hospital ${id}`, beds: 100 });
const forbidden = (): never => {
  throw new GraphQLError('Not for you.', { extensions: { code: 'FORBIDDEN' } });
};

/**
 * The queries of the clinic as one program answers them that has all of its data: what graphql-js makes of a field's function,
 * another value of the field. Says what any engine before the three subgraphs must answer.
 */
export function clinicInOne(): object {
  const wholeInstitution = ({ id }: { id: string }) => institution(id);
  const wholePatient = ({ id }: { id: string }): object => {
    const { home, ...own } = patient(id);
    const age = Number.isNaN(own.birthYear) ? null : ageOf(own.birthYear);
    return { __typename: 'Patient', ...own, age, home: () => wholeInstitution(home), secret: forbidden };
  };
  const wholeClaim = (id: string) => {
    const { patient: its, ...own } = claim(id);
    return { __typename: 'Claim', ...own, patient: () => wholePatient(its) };
  };
  const wholeList = (first?: number) => list(first).map(({ id }) => wholeClaim(id));
  return {
    claims: ({ first }: { first?: number }) => wholeList(first),
    claim: ({ id }: { id: string }) => (Number(id) > 0 ? wholeClaim(id) : null),
    party: ({ id }: { id: string }) => (id.startsWith('p') ? wholePatient({ id }) : party(id)),
    connection: ({ first }: { first?: number }) => ({ edges: wholeList(first).map((node) => ({ node })) }),
    patient: wholePatient,
    institution: wholeInstitution,
  };
}

/** A small federated graph of three real subgraphs: claims → patients → institutions. */
export class Clinic {
  readonly claimChanged = new Topic<ClaimEvent>();
  /** Events with cursors, as a ledger has them; they outlive their subgraph. */
  readonly claimEvents = new EventLog<ClaimEvent>();
  /** Texts that mutations of any subgraph noted, in order of arrival. */
  readonly notes: string[] = [];
  readonly claims: SubgraphServer;
  readonly patients: SubgraphServer;
  readonly institutions: SubgraphServer;

  constructor() {
    this.claims = this.#claims();
    this.patients = this.#patients();
    this.institutions = this.#institutions();
  }

  get subgraphs(): readonly SubgraphServer[] {
    return [this.claims, this.patients, this.institutions];
  }

  /** SDL of the supergraph. */
  get supergraph(): string {
    const result = composeServices(
      this.subgraphs.map(({ name, url, typeDefs }) => ({ name, url, typeDefs: parse(typeDefs) })),
    );
    if (compositionHasErrors(result)) throw new Error(result.errors.map(({ message }) => message).join('\n'));
    return result.supergraphSdl;
  }

  /** Addresses for the router. */
  get endpoints(): Record<string, { url: string; wsUrl: string }> {
    return Object.fromEntries(this.subgraphs.map(({ name, url, wsUrl }) => [name, { url, wsUrl }]));
  }

  async start(): Promise<this> {
    await Promise.all(this.subgraphs.map((subgraph) => subgraph.start()));
    return this;
  }

  async stop(): Promise<void> {
    await Promise.all(this.subgraphs.map((subgraph) => subgraph.stop()));
  }

  #claims(): SubgraphServer {
    const { claimChanged, claimEvents, notes } = this;
    return new SubgraphServer('claims', claimsSchema, {
      Query: {
        claims: (_: unknown, { first }: { first?: number }) => list(first),
        claim: (_: unknown, { id }: { id: string }) => (Number(id) > 0 ? claim(id) : null),
        party: (_: unknown, { id }: { id: string }) => party(id),
        connection: (_: unknown, { first }: { first?: number }) => ({
          edges: list(first).map((node) => ({ node })),
        }),
      },
      Mutation: {
        submitClaim: (_: unknown, { id }: { id: string }) => {
          claimChanged.publish({ id });
          claimEvents.append({ id });
          return claim(id);
        },
        noteInClaims: (_: unknown, { text }: { text: string }) => {
          notes.push(text);
          return notes;
        },
      },
      Subscription: {
        claimChanged: {
          subscribe: (_: unknown, { burst = 0 }: { burst?: number }) =>
            claimChanged.subscribe(
              Array.from({ length: burst }, (_value, index) => ({ id: String(index + 1) })),
            ),
          resolve: ({ id }: ClaimEvent) => claim(id),
        },
        claimEvents: {
          subscribe: (_: unknown, { after }: { after?: string }, call: SubgraphCall) => {
            call.streamStart = claimEvents.startOf(after);
            return claimEvents.read(call.streamStart);
          },
          resolve: ({ cursor, event: { id } }: { cursor: string; event: ClaimEvent }) => ({
            cursor,
            claim: claim(id),
          }),
        },
      },
      Patient: {
        __resolveReference: (reference: unknown) => reference,
        age: ({ birthYear }: { birthYear?: number }) => (birthYear === undefined ? null : ageOf(birthYear)),
      },
    });
  }

  #patients(): SubgraphServer {
    const { notes } = this;
    return new SubgraphServer('patients', patientsSchema, {
      Query: {
        patient: (_: unknown, { id }: { id: string }) => patient(id),
        slow: (_: unknown, { milliseconds }: { milliseconds: number }) =>
          // Unreferenced: an answer that nobody waits for any more must not keep a test's process alive.
          new Promise((resolve) => setTimeout(resolve, milliseconds, 'at last').unref()),
      },
      Mutation: {
        noteInPatients: (_: unknown, { text }: { text: string }) => {
          notes.push(text);
          return notes;
        },
      },
      Patient: {
        __resolveReference: ({ id }: { id: string }) => patient(id),
        secret: forbidden,
        broken: () => {
          throw new GraphQLError('The name of this patient is not known.', {
            extensions: { code: 'UNKNOWN_NAME' },
          });
        },
        crash: () => {
          throw new Error('password=hunter2 at /srv/secret/place.js');
        },
        missing: () => null,
      },
    });
  }

  #institutions(): SubgraphServer {
    return new SubgraphServer('institutions', institutionsSchema, {
      Query: { institution: (_: unknown, { id }: { id: string }) => institution(id) },
      Institution: { __resolveReference: ({ id }: { id: string }) => institution(id) },
    });
  }
}
