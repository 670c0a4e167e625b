import { GraphQLError } from 'graphql';

/** Where a value is in the response: keys and list indexes. */
export type ResponsePath = readonly (string | number)[];

/** The errors of one response, and which of its nulls they explain. */
export class ResponseErrors {
  readonly #errors: GraphQLError[] = [];
  /** By path and message. */
  readonly #known = new Set<string>();
  readonly #unplanted: ResponsePath[] = [];
  #told: Set<object> | undefined;
  readonly #root = new PathNode();

  get list(): readonly GraphQLError[] {
    return this.#errors;
  }

  /**
   * Adds an error that explains nulls at its path, or at all of `explaining`. A field that two fetches asked for fails in both, and
   * its error is told once.
   */
  add(error: GraphQLError, explaining: readonly ResponsePath[] = error.path ? [error.path] : []): void {
    const identity = JSON.stringify([error.path, error.message]);
    if (error.path && this.#known.has(identity)) return;
    this.#known.add(identity);
    this.#errors.push(error);
    this.#unplanted.push(...explaining);
  }

  /** Adds the error of a place in the document where the response first comes to it; later it only explains the null there. */
  addOnce(place: object, error: GraphQLError, path: ResponsePath): void {
    this.#told ??= new Set();
    if (this.#told.has(place)) this.#unplanted.push(path);
    else this.add(errorAt(error, path));
    this.#told.add(place);
  }

  /** Whether an error says why the value at `path` is null: it lies on the way to it, or below it. */
  explains(path: ResponsePath): boolean {
    for (const known of this.#unplanted.splice(0)) this.#plant(known);
    let node: PathNode | undefined = this.#root;
    for (const step of path) {
      if (node.end) return true;
      node = node.children.get(step);
      if (!node) return false;
    }
    return node.end || node.children.size > 0;
  }

  #plant(path: ResponsePath): void {
    let node = this.#root;
    for (const step of path) {
      let next = node.children.get(step);
      if (!next) node.children.set(step, (next = new PathNode()));
      node = next;
    }
    node.end = true;
  }
}

class PathNode {
  readonly children = new Map<string | number, PathNode>();
  /** Whether an error's path ends here. */
  end = false;
}

/** The error as it concerns the place `path` of the response. */
export function errorAt(error: GraphQLError, path: ResponsePath | undefined): GraphQLError {
  const { message, extensions, originalError } = error;
  return new GraphQLError(message, { path, extensions, originalError });
}

/** The longest path that all begin with. */
export function commonPath(paths: readonly ResponsePath[]): ResponsePath {
  const [first = [], ...others] = paths;
  let length = first.length;
  for (const path of others) {
    let equal = 0;
    while (equal < length && path[equal] === first[equal]) equal += 1;
    length = equal;
  }
  return first.slice(0, length);
}
