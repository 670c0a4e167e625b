import { getField, isDoc, type Doc, type Value } from '../bson/value.js';

/** What an expression is evaluated in: the document, and variables, the innermost first. */
export interface Environment {
  readonly root: Doc;
  readonly variables: Binding | undefined;
}

/** A variable and those around it. */
export interface Binding {
  readonly name: string;
  readonly value: Value;
  readonly outer: Binding | undefined;
}

/** A compiled expression. */
export type Evaluate = (environment: Environment) => Value;

export function lookUp(binding: Binding | undefined, name: string): Value {
  for (let at = binding; at; at = at.outer) if (at.name === name) return at.value;
  return undefined;
}

export function bind(environment: Environment, name: string, value: Value): Environment {
  return { root: environment.root, variables: { name, value, outer: environment.variables } };
}

/** What a field path leads to as expressions see it: an array on the way is mapped over, a document's missing field left out. */
export function resolvePath(value: Value, parts: readonly string[], at = 0): Value {
  if (at === parts.length) return value;
  if (isDoc(value)) return resolvePath(getField(value, parts[at] ?? ''), parts, at + 1);
  if (!Array.isArray(value)) return undefined;
  const found: Value[] = [];
  for (const item of value) {
    const inner = isDoc(item) ? resolvePath(item, parts, at) : undefined;
    if (inner !== undefined) found.push(inner);
  }
  return found;
}
