import {
  GraphQLError,
  Kind,
  Lexer,
  parse,
  Source,
  TokenKind,
  visit,
  type DocumentNode,
  type FieldNode,
  type FragmentDefinitionNode,
  type OperationDefinitionNode,
  type SelectionSetNode,
} from 'graphql';
import { DocumentError, LimitExceededError, type LimitCode } from '../errors.js';
import { isSchemaField, rootFieldsOf } from './root-fields.js';

/** What one operation may ask for. */
export interface OperationLimits {
  /** Lexical tokens of a document. */
  readonly maxTokens: number;
  /** Fields inside fields, fragments looked through. */
  readonly maxDepth: number;
  /** Fields in all, each fragment counted wherever it is spread. */
  readonly maxFields: number;
  /** Objects that an answer may have by the document's own numbers; see `costOf`. */
  readonly maxCost: number;
  /** Items that a list is expected to have where no argument says it. */
  readonly defaultListSize: number;
  readonly maxAliases: number;
  readonly maxDirectives: number;
  /** Fields of the root type, fragments looked through. */
  readonly maxRootFields: number;
  /** Characters of strings and names in the variables, 8 for any other value. */
  readonly maxVariablesSize: number;
  /** The same of a mutation whose caller is known: what is written may be large. */
  readonly maxMutationVariablesSize: number;
  /** Lists and objects inside each other in the variables. */
  readonly maxVariablesDepth: number;
}

export const defaultOperationLimits: OperationLimits = {
  maxTokens: 4_000,
  maxDepth: 15,
  maxFields: 1_000,
  maxCost: 20_000,
  defaultListSize: 10,
  maxAliases: 50,
  maxDirectives: 50,
  maxRootFields: 20,
  maxVariablesSize: 512 * 1024,
  maxMutationVariablesSize: 12 * 1024 * 1024,
  maxVariablesDepth: 32,
};

/** Parses a document. @throws {@link DocumentError}, {@link LimitExceededError} */
export function parseWithin({ maxTokens }: OperationLimits, text: string): DocumentNode {
  try {
    return parse(text, { maxTokens });
  } catch (error) {
    if (!(error instanceof GraphQLError)) throw error;
    // The parser tells too many tokens from bad syntax in words only, so the tokens are counted here.
    if (hasMoreTokens(text, maxTokens)) {
      throw new LimitExceededError('QUERY_TOO_MANY_TOKENS', maxTokens, 'tokens');
    }
    throw new DocumentError('GRAPHQL_PARSE_FAILED', [error]);
  }
}

function hasMoreTokens(text: string, limit: number): boolean {
  const lexer = new Lexer(new Source(text));
  try {
    for (let count = 0; count <= limit; count += 1) if (lexer.advance().kind === TokenKind.EOF) return false;
    return true;
  } catch {
    return false;
  }
}

/**
 * Refuses an operation that is too large in itself, before anything more expensive looks at it (validation compares
 * fields pairwise, planning spreads fragments out). What describes the schema counts only as fields: GraphiQL's own query
 * is deep, and validation bounds its depth.
 * @throws {@link LimitExceededError}
 */
export function checkExtent(
  limits: OperationLimits,
  document: DocumentNode,
  operation: OperationDefinitionNode,
  fragments: ReadonlyMap<string, FragmentDefinitionNode>,
): void {
  let aliases = 0;
  let directives = 0;
  visit(document, {
    Field: ({ alias }) => {
      if (alias) aliases += 1;
    },
    Directive: () => {
      directives += 1;
    },
  });
  atMost(limits.maxAliases, aliases, 'QUERY_TOO_MANY_ALIASES', 'aliases');
  atMost(limits.maxDirectives, directives, 'QUERY_TOO_MANY_DIRECTIVES', 'directives');
  const { depth, fields } = extentOf(operation.selectionSet, fragments);
  atMost(limits.maxDepth, depth, 'QUERY_TOO_DEEP', 'levels of fields');
  atMost(limits.maxFields, fields, 'QUERY_TOO_MANY_FIELDS', 'fields');
  const roots = [...rootFieldsOf(operation, fragments)].length;
  atMost(limits.maxRootFields, roots, 'QUERY_TOO_MANY_ROOT_FIELDS', 'root fields');
}

interface Extent {
  readonly depth: number;
  readonly fields: number;
}

/** Depth and number of fields; linear in the document, however often its fragments are spread. */
function extentOf(root: SelectionSetNode, fragments: ReadonlyMap<string, FragmentDefinitionNode>): Extent {
  const known = new Map<string, Extent>();
  const nothing: Extent = { depth: 0, fields: 0 };
  const ofFragment = (name: string): Extent => {
    const found = known.get(name);
    if (found) return found;
    // A fragment that spreads itself meets this; validation refuses it later.
    known.set(name, nothing);
    const fragment = fragments.get(name);
    const extent = fragment ? ofSelections(fragment.selectionSet) : nothing;
    known.set(name, extent);
    return extent;
  };
  const ofField = (field: FieldNode): Extent => {
    const inner = field.selectionSet ? ofSelections(field.selectionSet) : nothing;
    return { depth: isSchemaField(field) ? 1 : inner.depth + 1, fields: inner.fields + 1 };
  };
  const ofSelections = ({ selections }: SelectionSetNode): Extent => {
    let depth = 0;
    let fields = 0;
    for (const selection of selections) {
      const extent =
        selection.kind === Kind.FRAGMENT_SPREAD
          ? ofFragment(selection.name.value)
          : selection.kind === Kind.INLINE_FRAGMENT
            ? ofSelections(selection.selectionSet)
            : ofField(selection);
      depth = Math.max(depth, extent.depth);
      fields += extent.fields;
    }
    return { depth, fields };
  };
  return ofSelections(root);
}

/**
 * Refuses variables that are too deep, or larger than `maxSize`.
 * @throws {@link LimitExceededError}
 */
export function checkVariables(
  { maxVariablesDepth }: OperationLimits,
  maxSize: number,
  variables: Readonly<Record<string, unknown>>,
): void {
  let size = 0;
  const pending: { value: unknown; depth: number }[] = [{ value: variables, depth: 0 }];
  for (let item = pending.pop(); item; item = pending.pop()) {
    const { value, depth } = item;
    size += typeof value === 'string' ? value.length : 8;
    if (typeof value === 'object' && value !== null) {
      atMost(maxVariablesDepth, depth, 'VARIABLES_TOO_LARGE', 'levels of variables');
      for (const [key, inner] of Object.entries(value)) {
        if (!Array.isArray(value)) size += key.length;
        pending.push({ value: inner, depth: depth + 1 });
      }
    }
    atMost(maxSize, size, 'VARIABLES_TOO_LARGE', 'characters of variables');
  }
}

/** @throws {@link LimitExceededError} */
export function atMost(limit: number, found: number, code: LimitCode, what: string): void {
  if (found > limit) throw new LimitExceededError(code, limit, what);
}
