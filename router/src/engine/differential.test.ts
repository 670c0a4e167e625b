import {
  getNamedType,
  isCompositeType,
  isInterfaceType,
  isLeafType,
  isObjectType,
  isRequiredArgument,
  isUnionType,
  lexicographicSortSchema,
  parse,
  printSchema,
  validate,
  type ExecutionResult,
  type GraphQLCompositeType,
  type GraphQLSchema,
} from 'graphql';
import { defaultRouterLimits } from '../router-limits.js';
import { NetworkSubgraphClient } from '../subgraphs/network-subgraph-client.js';
import { Clinic } from '../testing/clinic.js';
import { PlannerEngine } from '../testing/planner-engine.js';
import { FederationEngine } from './federation-engine.js';
import { type RouterEngine } from './router-engine.js';

/** Queries of the clinic, the same ones for the same seed. */
class QueryGenerator {
  readonly #schema: GraphQLSchema;
  #state: number;

  constructor(schema: GraphQLSchema, seed: number) {
    this.#schema = schema;
    this.#state = seed;
  }

  query(): string {
    const root = this.#schema.getQueryType();
    if (!root) throw new Error('The schema has no queries.');
    return `query ($yes: Boolean! = true, $no: Boolean! = false) { ...@include(if: $yes) { __typename } ...@skip(if: $no) { __typename } ${this.#selection(root, 4)} }`;
  }

  #selection(type: GraphQLCompositeType, depth: number): string {
    const parts = ['__typename'];
    if (isObjectType(type) || isInterfaceType(type)) {
      for (const field of Object.values(type.getFields())) {
        const named = getNamedType(field.type);
        // `slow` waits, the pair of `broken` and `missing` null whole answers: they have tests of their own.
        if (/^(slow|broken|missing|crash)$/.test(field.name) || this.#next(3) === 0) continue;
        if (isCompositeType(named) && depth === 0) continue;
        const given = field.args.filter(
          (argument) => isRequiredArgument(argument) || argument.name === 'first',
        );
        const values = given.map(({ name }) => (name === 'first' ? 'first: 3' : `${name}: "${this.#id()}"`));
        const below = isLeafType(named) ? '' : ` { ${this.#selection(named, depth - 1)} }`;
        // A key of its own, as the same key may stand for different arguments elsewhere.
        const key = values.length > 0 || this.#next(4) === 0 ? `${field.name}${this.#next(1_000_000)}: ` : '';
        parts.push(
          `${key}${field.name}${values.length > 0 ? `(${values.join(' ')})` : ''}${this.#condition()}${below}`,
        );
      }
    }
    const narrower = isInterfaceType(type) || isUnionType(type) ? this.#schema.getPossibleTypes(type) : [];
    for (const possible of narrower) {
      if (this.#next(3) > 0) {
        parts.push(`... on ${possible.name}${this.#condition()} { ${this.#selection(possible, depth)} }`);
      }
    }
    return parts.join(' ');
  }

  #condition(): string {
    return (
      ['', '', '', '', ' @include(if: $yes)', ' @skip(if: $no)', ' @include(if: $no)'][this.#next(7)] ?? ''
    );
  }

  #id(): string {
    return ['0', '1', '2', 'p1', 'i1'][this.#next(5)] ?? '1';
  }

  /** Linear congruence is random enough to vary queries. */
  #next(below: number): number {
    this.#state = (Math.imul(this.#state, 1_103_515_245) + 12_345) >>> 0;
    return (this.#state >>> 8) % below;
  }
}

describe('FederationEngine beside its predecessor', () => {
  const clinic = new Clinic();
  let client: NetworkSubgraphClient;
  let ours: RouterEngine;
  let former: RouterEngine;

  beforeAll(async () => {
    await clinic.start();
    client = new NetworkSubgraphClient(clinic.endpoints, defaultRouterLimits.subgraphs);
    ours = FederationEngine.create(clinic.supergraph, client);
    former = await PlannerEngine.create(clinic.supergraph, client);
  });
  afterAll(async () => {
    client.dispose();
    await clinic.stop();
  });

  async function answer(engine: RouterEngine, text: string): Promise<ExecutionResult> {
    const document = parse(text);
    const context = { requestId: 'test', signal: new AbortController().signal };
    return JSON.parse(JSON.stringify(await engine.execute({ document }, context))) as ExecutionResult;
  }

  const places = ({ errors }: ExecutionResult): readonly unknown[] =>
    (errors ?? []).map(({ path, extensions }) => `${path?.join('.')} ${String(extensions.code)}`).sort();

  it('shows clients the same schema', () => {
    const shown = ({ schema }: RouterEngine): string => printSchema(lexicographicSortSchema(schema));
    expect(shown(ours)).toBe(shown(former));
  });

  it('answers generated queries alike', async () => {
    const generator = new QueryGenerator(ours.schema, 20_26);
    let compared = 0;
    for (let round = 0; round < 100; round += 1) {
      const text = generator.query();
      // Generated aliases and types may clash; what is no query is not compared.
      if (validate(ours.schema, parse(text)).length > 0) continue;
      const [mine, theirs] = await Promise.all([answer(ours, text), answer(former, text)]);
      expect([text, mine.data, places(mine)]).toEqual([text, theirs.data, places(theirs)]);
      compared += 1;
    }
    expect(compared).toBeGreaterThan(50);
  });
});
