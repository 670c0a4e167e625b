import {
  getNamedType,
  getNullableType,
  GraphQLError,
  isCompositeType,
  isListType,
  Kind,
  type FieldNode,
  type GraphQLField,
} from 'graphql';
import { linkedDirectivesOf } from '../engine/linked-directives.js';
import { DocumentError } from '../errors.js';

type Variables = Readonly<Record<string, unknown>>;

/** Arguments that say how many items a field without `@listSize` gives. */
const usualSlicing: readonly string[] = ['first', 'last', 'limit'];

/** How many items the lists directly below a field have: all of them, or those of the names given. */
export interface SizeBelow {
  readonly size: number;
  readonly fields?: ReadonlySet<string>;
}

/** What `@cost` and `@listSize` (IBM's cost specification, as Apollo Federation has it) say of a field. */
export class FieldCost {
  readonly isList: boolean;
  /** Of one value of the field, without what is below it. */
  readonly weight: number;
  readonly #argumentWeights: ReadonlyMap<string, number>;
  readonly #slicing: readonly string[];
  readonly #defaults: Variables;
  readonly #assumedSize: number | undefined;
  readonly #sizedFields: ReadonlySet<string> | undefined;
  readonly #requireOne: boolean;

  private constructor(field: GraphQLField<unknown, unknown>) {
    const named = getNamedType(field.type);
    const { cost, listSize } = linkedDirectivesOf(field);
    this.isList = isListType(getNullableType(field.type));
    this.weight =
      numberOf(cost?.['weight']) ??
      numberOf(linkedDirectivesOf(named).cost?.['weight']) ??
      (isCompositeType(named) ? 1 : 0);
    this.#argumentWeights = new Map(
      field.args.flatMap((argument) => {
        const weight = numberOf(linkedDirectivesOf(argument).cost?.['weight']);
        return weight === undefined ? [] : [[argument.name, weight]];
      }),
    );
    const slicing = stringsOf(listSize?.['slicingArguments']);
    const sized = stringsOf(listSize?.['sizedFields']);
    this.#slicing = slicing ?? usualSlicing;
    this.#defaults = Object.fromEntries(field.args.map(({ name, defaultValue }) => [name, defaultValue]));
    this.#assumedSize = numberOf(listSize?.['assumedSize']);
    this.#sizedFields = sized && new Set(sized);
    this.#requireOne = slicing !== undefined && listSize?.['requireOneSlicingArgument'] !== false;
  }

  static of(field: GraphQLField<unknown, unknown>): FieldCost {
    let cost = known.get(field);
    if (!cost) known.set(field, (cost = new FieldCost(field)));
    return cost;
  }

  /** What the arguments that are given cost. */
  ofArguments({ arguments: given = [] }: FieldNode): number {
    if (this.#argumentWeights.size === 0) return 0;
    return given.reduce((sum, { name }) => sum + (this.#argumentWeights.get(name.value) ?? 0), 0);
  }

  /**
   * How many items are asked for; undefined where nothing says it.
   * @throws {@link DocumentError} where one slicing argument is needed and none or several are given
   */
  sizeOf(field: FieldNode, variables: Variables): number | undefined {
    const given = this.#slicing.flatMap((name) => {
      const size = argumentOf(field, name, variables);
      return typeof size === 'number' && Number.isFinite(size) ? [Math.max(0, size)] : [];
    });
    if (given.length !== 1 && this.#requireOne && !this.#hasDefault(given.length)) {
      const names = this.#slicing.map((name) => `"${name}"`).join(', ');
      const message = `The field "${field.name.value}" needs one of the arguments ${names}.`;
      throw new DocumentError('GRAPHQL_VALIDATION_FAILED', [new GraphQLError(message, { nodes: field })]);
    }
    if (given.length > 0) return Math.max(...given);
    for (const name of this.#slicing) {
      const size = this.#defaults[name];
      if (typeof size === 'number') return Math.max(0, size);
    }
    return this.#assumedSize;
  }

  /** What a size asked of the field says of the lists below it; undefined where the field itself is the list. */
  below(size: number | undefined): SizeBelow | undefined {
    if (size === undefined || (this.isList && !this.#sizedFields)) return undefined;
    return { size, fields: this.#sizedFields };
  }

  #hasDefault(given: number): boolean {
    return given === 0 && this.#slicing.some((name) => typeof this.#defaults[name] === 'number');
  }
}

const known = new WeakMap<GraphQLField<unknown, unknown>, FieldCost>();

function argumentOf({ arguments: given = [] }: FieldNode, name: string, variables: Variables): unknown {
  const value = given.find((argument) => argument.name.value === name)?.value;
  if (!value) return undefined;
  if (value.kind === Kind.VARIABLE) return variables[value.name.value];
  return value.kind === Kind.INT ? Number(value.value) : undefined;
}

function numberOf(value: unknown): number | undefined {
  const number = typeof value === 'string' || typeof value === 'number' ? Number(value) : Number.NaN;
  return Number.isFinite(number) ? Math.max(0, number) : undefined;
}

function stringsOf(value: unknown): readonly string[] | undefined {
  return Array.isArray(value) && value.length > 0 ? value.map(String) : undefined;
}
