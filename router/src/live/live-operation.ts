import {
  getNamedType,
  getNullableType,
  GraphQLError,
  GraphQLString,
  isInterfaceType,
  isObjectType,
  Kind,
  print,
  visit,
  type DefinitionNode,
  type DocumentNode,
  type FieldNode,
  type GraphQLField,
  type GraphQLSchema,
  type NameNode,
  type OperationDefinitionNode,
  type SelectionNode,
  type ValueNode,
} from 'graphql';
import { cursorKey } from '../engine/live-cursor.js';
import { DocumentError } from '../errors.js';
import { canonicalJson } from './canonical-json.js';
import { type ValidDocument } from '../operations/document-cache.js';
import { rootFieldsOf, withRootFields } from '../operations/root-fields.js';

type Variables = Readonly<Record<string, unknown>>;

/** The argument by which a client resumes a stream, and the variable by which the router does. */
const afterArgument = 'after';
const afterVariable = '_live_after';

/**
 * A subscription as the router opens it upstream. Where its field can be resumed - it takes `after: String`, and its payload has
 * a `cursor: String` - each event is asked for its cursor, and where to begin is the router's to say.
 */
export interface LiveOperation {
  readonly document: DocumentNode;
  readonly resumable: boolean;
  /** Equal for operations that ask for the same stream, however they are written and wherever they begin in it. */
  streamOf(variables: Variables): string;
  /** Where the client asks to begin: after this cursor; from now on, if undefined. */
  afterOf(variables: Variables): string | undefined;
  /** What the subgraphs are given to begin after a cursor. */
  variablesFor(variables: Variables, after: string | undefined): Variables;
}

/**
 * The live operation of a valid subscription.
 * @throws {@link DocumentError} where it uses a name that the router needs for itself.
 */
export function liveOperation(schema: GraphQLSchema, valid: ValidDocument): LiveOperation {
  refuseReserved(valid.document);
  const [field] = rootFieldsOf(valid.operation, valid.fragments);
  const definition = field && schema.getSubscriptionType()?.getFields()[field.name.value];
  if (!definition || !isResumable(definition)) return new PlainOperation(valid.document);
  return new ResumableOperation(valid, field);
}

/** A client that took the router's names would be given what the router asks, or have the router ask what it says. */
function refuseReserved(document: DocumentNode): void {
  const refuse = ({ value }: NameNode): void => {
    if (value !== cursorKey && value !== afterVariable) return;
    const message = `The name "${value}" is the router's own.`;
    throw new DocumentError('GRAPHQL_VALIDATION_FAILED', [new GraphQLError(message)]);
  };
  visit(document, {
    Field: ({ alias }) => {
      if (alias) refuse(alias);
    },
    VariableDefinition: ({ variable }) => {
      refuse(variable.name);
    },
  });
}

function isResumable({ type, args }: GraphQLField<unknown, unknown>): boolean {
  const payload = getNamedType(type);
  if (!isObjectType(payload) && !isInterfaceType(payload)) return false;
  const cursor = payload.getFields()['cursor'];
  const after = args.find(({ name }) => name === afterArgument);
  return (
    cursor !== undefined &&
    cursor.args.length === 0 &&
    getNullableType(cursor.type) === GraphQLString &&
    after?.type === GraphQLString
  );
}

/** A stream without cursors: it may begin with what the router cannot know of, so that no two are the same. */
class PlainOperation implements LiveOperation {
  readonly resumable = false;

  constructor(readonly document: DocumentNode) {}

  streamOf(): string {
    return print(this.document);
  }

  afterOf(): undefined {
    return undefined;
  }

  variablesFor(variables: Variables): Variables {
    return variables;
  }
}

class ResumableOperation implements LiveOperation {
  readonly resumable = true;
  readonly document: DocumentNode;
  readonly #text: string;
  readonly #variables: readonly string[];
  readonly #after: ValueNode | undefined;
  readonly #afterDefault: ValueNode | undefined;

  constructor({ operation, fragments }: ValidDocument, field: FieldNode) {
    this.#after = field.arguments?.find(({ name }) => name.value === afterArgument)?.value;
    const after = this.#after;
    this.#afterDefault =
      after?.kind === Kind.VARIABLE
        ? operation.variableDefinitions?.find(({ variable }) => variable.name.value === after.name.value)
            ?.defaultValue
        : undefined;
    const root = withRootFields(operation, fragments, () => true) ?? operation;
    const asked: OperationDefinitionNode = {
      ...root,
      name: undefined,
      selectionSet: { ...root.selectionSet, selections: root.selectionSet.selections.map(withCursor) },
    };
    const used = new Set<string>();
    const definitions: DefinitionNode[] = [];
    const collect = (node: OperationDefinitionNode['selectionSet']): void => {
      visit(node, {
        Variable: ({ name }) => void used.add(name.value),
        FragmentSpread: ({ name }) => {
          const fragment = fragments.get(name.value);
          if (!fragment || definitions.includes(fragment)) return;
          definitions.push(fragment);
          collect(fragment.selectionSet);
        },
      });
    };
    collect(asked.selectionSet);
    const variableDefinitions = [
      ...(asked.variableDefinitions ?? []).filter(({ variable }) => used.has(variable.name.value)),
      afterDefinition,
    ];
    this.document = { kind: Kind.DOCUMENT, definitions: [{ ...asked, variableDefinitions }, ...definitions] };
    this.#variables = variableDefinitions.map(({ variable }) => variable.name.value).sort();
    this.#text = print(this.document);
  }

  streamOf(variables: Variables): string {
    return `${this.#text}\n${canonicalJson(this.variablesFor(variables, undefined))}`;
  }

  afterOf(variables: Variables): string | undefined {
    const after = this.#after;
    if (after?.kind === Kind.STRING) return after.value;
    if (after?.kind !== Kind.VARIABLE) return undefined;
    const given = variables[after.name.value];
    if (given === undefined && this.#afterDefault?.kind === Kind.STRING) return this.#afterDefault.value;
    return typeof given === 'string' ? given : undefined;
  }

  variablesFor(variables: Variables, after: string | undefined): Variables {
    const used = this.#variables
      .filter((name) => Object.hasOwn(variables, name))
      .map((name) => [name, variables[name]] as const);
    return { ...Object.fromEntries(used), [afterVariable]: after };
  }
}

const afterDefinition = {
  kind: Kind.VARIABLE_DEFINITION,
  variable: { kind: Kind.VARIABLE, name: { kind: Kind.NAME, value: afterVariable } },
  type: { kind: Kind.NAMED_TYPE, name: { kind: Kind.NAME, value: GraphQLString.name } },
} as const;

/** A root selection that begins where the router says, and asks for each event's cursor. */
function withCursor(selection: SelectionNode): SelectionNode {
  if (selection.kind === Kind.INLINE_FRAGMENT) {
    const { selectionSet } = selection;
    return {
      ...selection,
      selectionSet: { ...selectionSet, selections: selectionSet.selections.map(withCursor) },
    };
  }
  if (selection.kind === Kind.FRAGMENT_SPREAD) return selection;
  const { arguments: given = [], selectionSet } = selection;
  return {
    ...selection,
    arguments: [...given.filter(({ name }) => name.value !== afterArgument), afterGiven],
    selectionSet: {
      kind: Kind.SELECTION_SET,
      selections: [...(selectionSet?.selections ?? []), cursorSelection],
    },
  };
}

const afterGiven = {
  kind: Kind.ARGUMENT,
  name: { kind: Kind.NAME, value: afterArgument },
  value: afterDefinition.variable,
} as const;

const cursorSelection = {
  kind: Kind.FIELD,
  alias: { kind: Kind.NAME, value: cursorKey },
  name: { kind: Kind.NAME, value: 'cursor' },
} as const;
