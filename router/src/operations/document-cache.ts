import {
  getOperationAST,
  GraphQLError,
  validate,
  type DocumentNode,
  type FragmentDefinitionNode,
  type GraphQLSchema,
  type OperationDefinitionNode,
  type Token,
} from 'graphql';
import { LRUCache } from 'lru-cache';
import { DocumentError } from '../errors.js';
import { checkExtent, parseWithin, type OperationLimits } from './operation-limits.js';
import { fragmentsOf } from './root-fields.js';

/** A document that is within the limits and valid, and the operation that was chosen from it. */
export interface ValidDocument {
  readonly document: DocumentNode;
  readonly operation: OperationDefinitionNode;
  readonly fragments: ReadonlyMap<string, FragmentDefinitionNode>;
}

/** What the syntax tree takes of memory for each lexical token, measured at its worst: one that is all names of fields. */
const bytesPerToken = 512;

/**
 * Parses and validates documents, each once for a schema: equal texts give the same objects. Bounded by the memory of the syntax
 * trees, which is up to 250 times that of their texts; what was kept for a schema goes with it.
 */
export class DocumentCache {
  readonly #limits: OperationLimits;
  readonly #suggestions: boolean;
  readonly #maxBytes: number;
  readonly #validIn = new WeakMap<GraphQLSchema, LRUCache<string, ValidDocument>>();

  /** @param options - whether refusals may name parts of the schema that look like what was asked for, and how much memory is kept. */
  constructor(
    limits: OperationLimits,
    { suggestions = true, maxBytes = 64 * 1024 * 1024 }: { suggestions?: boolean; maxBytes?: number } = {},
  ) {
    this.#limits = limits;
    this.#suggestions = suggestions;
    this.#maxBytes = maxBytes;
  }

  /** @throws {@link DocumentError}, `LimitExceededError` */
  get(schema: GraphQLSchema, text: string, operationName: string | undefined): ValidDocument {
    let known = this.#validIn.get(schema);
    if (!known) this.#validIn.set(schema, (known = new LRUCache({ maxSize: this.#maxBytes })));
    const key = `${operationName ?? ''}\n${text}`;
    let valid = known.get(key);
    if (!valid) {
      valid = this.#validated(schema, text, operationName);
      known.set(key, valid, { size: bytesOf(key, valid.document) });
    }
    return valid;
  }

  /** GraphQL's own errors as clients may see them: with hints at the schema's names, where they may know it. */
  told(errors: readonly GraphQLError[]): readonly GraphQLError[] {
    return this.#suggestions ? errors : errors.map(withoutSuggestion);
  }

  #validated(schema: GraphQLSchema, text: string, operationName: string | undefined): ValidDocument {
    const document = parseWithin(this.#limits, text);
    const operation = getOperationAST(document, operationName);
    if (!operation) {
      const message =
        operationName === undefined
          ? 'The document has several operations, or none: say which one to execute.'
          : 'The document has no operation of the given name.';
      throw new DocumentError('OPERATION_RESOLUTION_FAILURE', [new GraphQLError(message)]);
    }
    const fragments = fragmentsOf(document);
    checkExtent(this.#limits, document, operation, fragments);
    const errors = validate(schema, document, undefined, { maxErrors: 10 });
    if (errors.length > 0) throw new DocumentError('GRAPHQL_VALIDATION_FAILED', this.told(errors));
    return { document, operation, fragments };
  }
}

/** What a document takes of memory while it is kept: its text, at two bytes a character, and its tree. */
function bytesOf(key: string, { loc }: DocumentNode): number {
  let tokens = 0;
  for (let token: Token | null = loc?.startToken ?? null; token; token = token.next) tokens += 1;
  return key.length * 2 + tokens * bytesPerToken;
}

/** Who may not ask for the schema is not told of it by way of hints either; graphql-js puts them at the end of its messages. */
function withoutSuggestion({ message, nodes, source, positions }: GraphQLError): GraphQLError {
  return new GraphQLError(message.replace(/ Did you mean .*$/s, ''), { nodes, source, positions });
}
