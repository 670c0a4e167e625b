import {
  type DocumentNode,
  findBreakingChanges,
  getNamedType,
  type GraphQLField,
  type GraphQLInputType,
  type GraphQLOutputType,
  type GraphQLSchema,
  isEnumType,
  isInputObjectType,
  isListType,
  isNonNullType,
  isRequiredInputField,
  parse,
  specifiedRules,
  TypeInfo,
  validate,
  ValuesOfCorrectTypeRule,
  visit,
  visitWithTypeInfo,
} from 'graphql';

/** An operation that clients send. */
export interface SentOperation {
  readonly document: string;
  readonly count: number;
}

/** What another graph would break. */
export interface BreakingChanges {
  /** Everything that could break somebody. */
  readonly changes: readonly string[];
  /** Operations that are really sent and would be refused, or answered otherwise; each with the first reason. */
  readonly operations: readonly {
    readonly document: string;
    readonly count: number;
    readonly reason: string;
  }[];
}

// What values are is left out of what is kept of operations; whether they still fit is told by the types that take them.
const rules = specifiedRules.filter((rule) => rule !== ValuesOfCorrectTypeRule);

/**
 * What the change from one graph to the next breaks, in general and of what is really used.
 * @param live - schema that clients see now.
 * @param next - schema that they would see.
 */
export function breakingChanges(
  live: GraphQLSchema,
  next: GraphQLSchema,
  used: readonly SentOperation[],
): BreakingChanges {
  const changes = findBreakingChanges(live, next).map(({ description }) => description);
  if (changes.length === 0) return { changes, operations: [] };
  const operations = used.flatMap(({ document, count }) => {
    const parsed = parse(document);
    // What does not work today cannot be broken.
    if (validate(live, parsed, rules).length > 0) return [];
    const reason = validate(next, parsed, rules)[0]?.message ?? otherwiseAnswered(live, next, parsed);
    return reason === undefined ? [] : [{ document, count, reason }];
  });
  return { changes, operations };
}

/** The first field that is valid on both, and answers something else or no longer takes what it took. */
function otherwiseAnswered(
  live: GraphQLSchema,
  next: GraphQLSchema,
  document: DocumentNode,
): string | undefined {
  const [before, after] = [fieldsOf(live, document), fieldsOf(next, document)];
  for (const [index, { place, field, given }] of before.entries()) {
    const other = after[index]?.field;
    if (!field || !other) continue;
    if (!answersAlike(field.type, other.type))
      return `${place} is ${String(other.type)}, not ${String(field.type)}.`;
    for (const { name, type } of field.args) {
      const taken = other.args.find((argument) => argument.name === name)?.type;
      if (given.has(name) && taken && !takesAlike(type, taken, new Set()))
        return `${place} takes another ${name} than before.`;
    }
  }
  return undefined;
}

interface Visited {
  readonly place: string;
  readonly field: GraphQLField<unknown, unknown> | null | undefined;
  /** Names of the arguments. */
  readonly given: ReadonlySet<string>;
}

/** The fields of a document, in its order: the same for every schema. */
function fieldsOf(schema: GraphQLSchema, document: DocumentNode): Visited[] {
  const types = new TypeInfo(schema);
  const fields: Visited[] = [];
  visit(
    document,
    visitWithTypeInfo(types, {
      Field: ({ name, arguments: given = [] }) => {
        const place = `${types.getParentType()?.name ?? ''}.${name.value}`;
        fields.push({
          place,
          field: types.getFieldDef(),
          given: new Set(given.map((each) => each.name.value)),
        });
      },
    }),
  );
  return fields;
}

/** Whether what is answered is as before, or surer. */
function answersAlike(before: GraphQLOutputType, after: GraphQLOutputType): boolean {
  if (isNonNullType(before)) return isNonNullType(after) && answersAlike(before.ofType, after.ofType);
  if (isNonNullType(after)) return answersAlike(before, after.ofType);
  if (isListType(before)) return isListType(after) && answersAlike(before.ofType, after.ofType);
  return !isListType(after) && before.name === after.name;
}

/** Whether everything that was taken still is. */
function takesAlike(before: GraphQLInputType, after: GraphQLInputType, seen: Set<string>): boolean {
  if (isNonNullType(after)) return isNonNullType(before) && takesAlike(before.ofType, after.ofType, seen);
  if (isNonNullType(before)) return takesAlike(before.ofType, after, seen);
  if (isListType(before)) return isListType(after) && takesAlike(before.ofType, after.ofType, seen);
  if (isListType(after) || getNamedType(before).name !== getNamedType(after).name) return false;
  if (isEnumType(before) && isEnumType(after))
    return before.getValues().every(({ name }) => after.getValue(name) !== undefined);
  if (!isInputObjectType(before) || !isInputObjectType(after) || seen.has(before.name)) return true;
  seen.add(before.name);
  const [had, has] = [before.getFields(), after.getFields()];
  const all = Object.values(had).every((field) => {
    const now = has[field.name];
    return now !== undefined && takesAlike(field.type, now.type, seen);
  });
  return (
    all && Object.values(has).every((field) => had[field.name] !== undefined || !isRequiredInputField(field))
  );
}
