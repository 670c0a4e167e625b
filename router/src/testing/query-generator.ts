import {
  getNamedType,
  isCompositeType,
  isInterfaceType,
  isLeafType,
  isObjectType,
  isRequiredArgument,
  isUnionType,
  type GraphQLArgument,
  type GraphQLCompositeType,
  type GraphQLField,
  type GraphQLSchema,
} from 'graphql';

/** A generated query with the values of its variables. */
export interface GeneratedQuery {
  readonly text: string;
  readonly variables: Readonly<Record<string, unknown>>;
}

/** What one query has besides its selection. */
interface Draft {
  /** Declarations by the variable's name. */
  readonly declared: Map<string, string>;
  readonly variables: Record<string, unknown>;
  readonly fragments: Map<string, string>;
}

/** @see QueryGenerator */
export interface QueryGeneratorOptions {
  readonly schema: GraphQLSchema;
  readonly seed: number;
  /** Ids that exist, and some that do not. */
  readonly ids: readonly string[];
  /** Root and other fields that have tests of their own. */
  readonly without: RegExp;
}

/**
 * Random queries into a graph, the same ones for the same seed: fields, aliases, arguments as literals and as variables, named and
 * inline fragments, `@skip` and `@include` by literals and by variables, and fields that are asked for twice.
 */
export class QueryGenerator {
  readonly #options: QueryGeneratorOptions;
  #state: number;

  constructor(options: QueryGeneratorOptions) {
    this.#options = options;
    this.#state = options.seed;
  }

  next(): GeneratedQuery {
    const root = this.#options.schema.getQueryType();
    if (!root) throw new Error('The schema has no queries.');
    const draft: Draft = { declared: new Map(), variables: {}, fragments: new Map() };
    const selection = this.#selection(root, 4, draft);
    const declared = [...draft.declared.values()].join(' ');
    const text = [`query G${declared && `(${declared})`} { ${selection} }`, ...draft.fragments.values()];
    return { text: text.join('\n'), variables: draft.variables };
  }

  #selection(type: GraphQLCompositeType, depth: number, draft: Draft): string {
    const parts = ['__typename'];
    if (isObjectType(type) || isInterfaceType(type)) {
      for (const field of Object.values(type.getFields())) {
        if (this.#options.without.test(field.name) || this.#below(3) === 0) continue;
        if (isCompositeType(getNamedType(field.type)) && depth === 0) continue;
        parts.push(this.#field(field, depth, draft));
        // Asked for again, it must be merged with the first.
        if (this.#below(12) === 0) parts.push(this.#field(field, depth, draft));
      }
    }
    for (const possible of this.#narrower(type)) {
      if (this.#below(3) > 0) parts.push(this.#fragment(possible, depth, draft));
    }
    // Around part of what is selected already, or of something else of the same type.
    if (depth > 0 && this.#below(6) === 0) parts.push(this.#fragment(type, depth - 1, draft));
    return this.#shuffled(parts).join(' ');
  }

  #field(field: GraphQLField<unknown, unknown>, depth: number, draft: Draft): string {
    const named = getNamedType(field.type);
    const given = field.args.filter(
      (argument) => isRequiredArgument(argument) || (argument.name === 'first' && this.#below(4) > 0),
    );
    const values = given.map((argument) => `${argument.name}: ${this.#argument(argument, draft)}`).join(' ');
    const below =
      isLeafType(named) || !isCompositeType(named) ? '' : ` { ${this.#selection(named, depth - 1, draft)} }`;
    // A key of its own, as the same key may stand for different arguments elsewhere.
    const alias =
      field.args.length > 0 || this.#below(4) === 0 ? `${field.name}${this.#below(1_000_000)}: ` : '';
    return `${alias}${field.name}${values && `(${values})`}${this.#condition(draft)}${below}`;
  }

  #argument({ name, type }: GraphQLArgument, draft: Draft): string {
    const { ids } = this.#options;
    const value = name === 'first' ? this.#below(5) : (ids[this.#below(ids.length)] ?? '1');
    if (this.#below(2) === 0) return JSON.stringify(value);
    return this.#variable(type.toString(), value, draft);
  }

  #fragment(type: GraphQLCompositeType, depth: number, draft: Draft): string {
    const condition = this.#condition(draft);
    if (this.#below(2) === 0)
      return `... on ${type.name}${condition} { ${this.#selection(type, depth, draft)} }`;
    const known = [...draft.fragments.keys()].filter((name) => name.startsWith(`${type.name}_`));
    const reused = known[this.#below(3)];
    if (reused !== undefined) return `...${reused}${condition}`;
    const name = `${type.name}_${draft.fragments.size}_${this.#below(1_000_000)}`;
    const selection = this.#selection(type, Math.max(0, depth - 1), draft);
    draft.fragments.set(name, `fragment ${name} on ${type.name} { ${selection} }`);
    return `...${name}${condition}`;
  }

  #condition(draft: Draft): string {
    if (this.#below(2) > 0) return '';
    const directives = [' @include(if: X)', ' @skip(if: X)', ' @include(if: X) @skip(if: X)'];
    // Mostly such that the field is answered.
    const chosen = directives[this.#below(5)] ?? '';
    return chosen.replaceAll(/(include|skip)\(if: X\)/g, (_, directive: string) => {
      const value = (directive === 'include') === this.#below(4) > 0;
      return `${directive}(if: ${this.#below(3) === 0 ? value : this.#variable('Boolean!', value, draft)})`;
    });
  }

  /** A variable with the value; some have it by default. */
  #variable(type: string, value: unknown, { declared, variables }: Draft): string {
    const name = `v${declared.size}`;
    const byDefault = this.#below(4) === 0;
    declared.set(name, `$${name}: ${type}${byDefault ? ` = ${JSON.stringify(value)}` : ''}`);
    if (!byDefault) variables[name] = value;
    return `$${name}`;
  }

  #narrower(type: GraphQLCompositeType): readonly GraphQLCompositeType[] {
    return isInterfaceType(type) || isUnionType(type) ? this.#options.schema.getPossibleTypes(type) : [];
  }

  #shuffled(parts: readonly string[]): readonly string[] {
    return parts
      .map((part): [number, string] => [this.#below(1_000), part])
      .sort(([a], [b]) => a - b)
      .map(([, part]) => part);
  }

  /** Linear congruence is random enough to vary queries. */
  #below(limit: number): number {
    this.#state = (Math.imul(this.#state, 1_103_515_245) + 12_345) >>> 0;
    return (this.#state >>> 8) % limit;
  }
}
