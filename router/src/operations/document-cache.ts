import {
  getOperationAST,
  GraphQLError,
  validate,
  type DocumentNode,
  type FragmentDefinitionNode,
  type GraphQLSchema,
  type OperationDefinitionNode,
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

/**
 * Parses and validates documents, each once for a schema: equal texts give the same objects. Bounded by the length of the texts
 * kept; what was kept for a schema goes with it.
 */
export class DocumentCache {
  readonly #limits: OperationLimits;
  readonly #maxCharacters: number;
  readonly #validIn = new WeakMap<GraphQLSchema, LRUCache<string, ValidDocument>>();

  constructor(limits: OperationLimits, maxCharacters = 8 * 1024 * 1024) {
    this.#limits = limits;
    this.#maxCharacters = maxCharacters;
  }

  /** @throws {@link DocumentError}, `LimitExceededError` */
  get(schema: GraphQLSchema, text: string, operationName: string | undefined): ValidDocument {
    let known = this.#validIn.get(schema);
    if (!known) this.#validIn.set(schema, (known = new LRUCache({ maxSize: this.#maxCharacters })));
    const key = `${operationName ?? ''}\n${text}`;
    let valid = known.get(key);
    if (!valid) {
      valid = this.#validated(schema, text, operationName);
      known.set(key, valid, { size: key.length });
    }
    return valid;
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
    if (errors.length > 0) throw new DocumentError('GRAPHQL_VALIDATION_FAILED', errors);
    return { document, operation, fragments };
  }
}
