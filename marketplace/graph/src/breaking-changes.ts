import {
  type DocumentNode,
  findBreakingChanges,
  getNamedType,
  type GraphQLCompositeType,
  type GraphQLField,
  type GraphQLInputType,
  type GraphQLOutputType,
  type GraphQLSchema,
  isCompositeType,
  isEnumType,
  isInputObjectType,
  isListType,
  isNonNullType,
  isRequiredArgument,
  isRequiredInputField,
  isUnionType,
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
  readonly lastUsedAt: Date;
}

/** An operation that is really sent and would be refused, or answered otherwise. */
export interface BrokenOperation extends SentOperation {
  /** What it needs and would not have: `Type`, `Type.field` or `Type.field(argument:)`; absent if no single one is to blame. */
  readonly coordinate?: string;
  readonly reason: string;
}

/** What another graph would break. */
export interface BreakingChanges {
  /** Everything that could break somebody. */
  readonly changes: readonly string[];
  /** What does break somebody, each with the first reason. */
  readonly operations: readonly BrokenOperation[];
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
  const operations = used.flatMap((operation) => {
    const parsed = parse(operation.document);
    // What does not work today cannot be broken.
    if (validate(live, parsed, rules).length > 0) return [];
    const broken = firstBroken(live, next, parsed);
    if (broken !== undefined) return [{ ...operation, ...broken }];
    const [refusal] = validate(next, parsed, rules);
    return refusal === undefined ? [] : [{ ...operation, reason: refusal.message }];
  });
  return { changes, operations };
}

interface Broken {
  readonly coordinate: string;
  readonly reason: string;
}

/** The first field of an operation that is gone, answers something else, or no longer takes what it took. */
function firstBroken(live: GraphQLSchema, next: GraphQLSchema, document: DocumentNode): Broken | undefined {
  for (const { parent, field, given } of fieldsOf(live, document)) {
    const coordinate = `${parent.name}.${field.name}`;
    const type = next.getType(parent.name);
    if (type === undefined) return { coordinate: parent.name, reason: 'it is gone' };
    // Of another kind: what is asked of it is told by the rules.
    if (!isCompositeType(type)) return undefined;
    const other = isUnionType(type) ? undefined : type.getFields()[field.name];
    if (field.name.startsWith('__')) continue;
    if (other === undefined) return { coordinate, reason: 'it is gone' };
    if (!answersAlike(field.type, other.type))
      return { coordinate, reason: `it is ${String(other.type)}, not ${String(field.type)}` };
    const broken = brokenArgument(field, other, given);
    if (broken) return { ...broken, coordinate: `${coordinate}(${broken.coordinate}:)` };
  }
  return undefined;
}

/** The first argument with which a field cannot be asked as it was; its coordinate is its name. */
function brokenArgument(field: Field, other: Field, given: ReadonlySet<string>): Broken | undefined {
  for (const { name, type } of field.args) {
    if (!given.has(name)) continue;
    const taken = other.args.find((argument) => argument.name === name)?.type;
    if (taken === undefined) return { coordinate: name, reason: 'it is gone' };
    if (!takesAlike(type, taken, new Set()))
      return { coordinate: name, reason: 'it takes another value than before' };
  }
  const needed = other.args.find((argument) => isRequiredArgument(argument) && !given.has(argument.name));
  return needed && { coordinate: needed.name, reason: 'it must be given now' };
}

type Field = GraphQLField<unknown, unknown>;

interface Visited {
  readonly parent: GraphQLCompositeType;
  readonly field: Field;
  /** Names of the arguments. */
  readonly given: ReadonlySet<string>;
}

/** The fields that a valid document asks for, in its order. */
function fieldsOf(schema: GraphQLSchema, document: DocumentNode): Visited[] {
  const types = new TypeInfo(schema);
  const fields: Visited[] = [];
  visit(
    document,
    visitWithTypeInfo(types, {
      Field: ({ arguments: given = [] }) => {
        const [parent, field] = [types.getParentType(), types.getFieldDef()];
        if (parent && field)
          fields.push({ parent, field, given: new Set(given.map((each) => each.name.value)) });
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
