import { cloneDoc, isDoc, setField, typeName, type Doc, type Value } from '../bson/value.js';
import { CommandError } from '../errors.js';
import { compileExpression, type Scope } from '../expression/compile.js';
import { compileProjection } from '../query/projection.js';

/** A stage that makes one document of one document. */
export type DocumentStage = (doc: Doc) => Doc;

type Compile = (operand: Value, scope: Scope) => DocumentStage;

/** `$addFields`: a tree of fields to set, each computed from the document as it came. */
interface SetNode {
  readonly children: Map<string, SetNode | ((root: Doc) => Value)>;
}

function addFields(name: string): Compile {
  return (operand, scope) => {
    if (!isDoc(operand))
      throw new CommandError(
        40272,
        `${name} specification stage must be an object, got ${typeName(operand)}`,
      );
    const root: SetNode = { children: new Map() };
    addToTree(root, operand, scope, name, true);
    return (doc) => {
      const copy = cloneDoc(doc);
      setTree(copy, root, doc);
      return copy;
    };
  };
}

function addToTree(node: SetNode, fields: Doc, scope: Scope, stage: string, dotted: boolean): void {
  for (const [path, value] of Object.entries(fields)) {
    const parts = path.split('.');
    if (path === '' || parts.includes(''))
      throw new CommandError(
        path === '' ? 40352 : 15998,
        `Invalid ${stage} :: caused by :: FieldPath field names may not be empty strings.`,
      );
    if (parts.some((part) => part.startsWith('$')))
      throw new CommandError(
        16410,
        `Invalid ${stage} :: caused by :: FieldPath field names may not start with '$'. Consider using $getField or $setField.`,
      );
    let at = node;
    for (const part of parts.slice(0, -1)) at = childNode(at, part, path, stage);
    const last = parts.at(-1) ?? '';
    if (at.children.has(last) && dotted)
      throw new CommandError(
        40176,
        `Invalid ${stage} :: caused by :: specification contains two conflicting paths. Cannot specify both '${path}' and another path below or above it`,
      );
    if (isDoc(value) && Object.keys(value).length > 0 && !Object.keys(value)[0]?.startsWith('$'))
      addToTree(childNode(at, last, path, stage), value, scope, stage, true);
    else at.children.set(last, compiled(value, scope, stage));
  }
}

function childNode(node: SetNode, part: string, path: string, stage: string): SetNode {
  const child = node.children.get(part) ?? { children: new Map() };
  if (typeof child === 'function')
    throw new CommandError(
      40176,
      `Invalid ${stage} :: caused by :: specification contains two conflicting paths. Cannot specify both '${path}' and '${part}'`,
    );
  node.children.set(part, child);
  return child;
}

function compiled(value: Value, scope: Scope, stage: string): (root: Doc) => Value {
  try {
    const evaluate = compileExpression(value, scope);
    return (root) => evaluate(root);
  } catch (error) {
    if (error instanceof CommandError)
      throw new CommandError(
        error.code === 168 ? 'InvalidPipelineOperator' : error.code,
        `Invalid ${stage} :: caused by :: ${error.message}`,
      );
    throw error;
  }
}

function setTree(doc: Doc, node: SetNode, root: Doc): void {
  for (const [name, child] of node.children) {
    const value =
      typeof child === 'function'
        ? child(root)
        : setBelow(Object.hasOwn(doc, name) ? doc[name] : undefined, child, root);
    if (value === undefined) Reflect.deleteProperty(doc, name);
    else setField(doc, name, value);
  }
}

function setBelow(value: Value, node: SetNode, root: Doc): Value {
  if (Array.isArray(value)) return value.map((item) => setBelow(item, node, root));
  const doc = isDoc(value) ? value : {};
  setTree(doc, node, root);
  return doc;
}

const project: Compile = (operand, scope) => {
  if (!isDoc(operand)) throw new CommandError(15969, '$project specification must be an object');
  if (Object.keys(operand).length === 0)
    throw new CommandError(
      51272,
      'Invalid $project :: caused by :: projection specification must have at least one field',
    );
  const projection = compileProjection(operand, {
    scope,
    forFind: false,
    stage: 'Invalid $project :: caused by :: ',
  });
  return (doc) => projection?.(doc, undefined) ?? doc;
};

const unset: Compile = (operand, scope) => {
  const paths = Array.isArray(operand) ? operand : [operand];
  if (paths.length === 0)
    throw new CommandError(
      31119,
      '$unset specification must be a string or an array with at least one field',
    );
  const spec: Doc = {};
  for (const path of paths) {
    if (typeof path !== 'string')
      throw new CommandError(
        Array.isArray(operand) ? 31120 : 31002,
        '$unset specification must be a string or an array containing only string values',
      );
    spec[path] = 0;
  }
  const projection = compileProjection(spec, {
    scope,
    forFind: false,
    stage: 'Invalid $unset :: caused by :: ',
  });
  return (doc) => projection?.(doc, undefined) ?? doc;
};

function replaceWith(expression: Value, scope: Scope): DocumentStage {
  const evaluate = compileExpression(expression, scope);
  return (doc) => {
    const result = evaluate(doc);
    if (!isDoc(result))
      throw new CommandError(
        40228,
        `'newRoot' expression must evaluate to an object, but resulting value was: ${result === undefined ? 'MISSING' : JSON.stringify(result)}. Type of resulting value: '${result === undefined ? 'missing' : typeName(result)}'.`,
      );
    return result;
  };
}

const replaceRoot: Compile = (operand, scope) => {
  if (!isDoc(operand))
    throw new CommandError(
      40229,
      `expected an object as specification for $replaceRoot stage, got ${typeName(operand)}`,
    );
  if (!('newRoot' in operand))
    throw new CommandError(40231, 'no newRoot specified for the $replaceRoot stage');
  return replaceWith(operand.newRoot, scope);
};

/** The stages that make one document of one. */
export const DOCUMENT_STAGES: Readonly<Record<string, Compile>> = {
  $addFields: addFields('$addFields'),
  $set: addFields('$set'),
  $project: project,
  $unset: unset,
  $replaceRoot: replaceRoot,
  $replaceWith: replaceWith,
};

/** Stages of aggregation that an update cannot have. */
const OTHER_STAGES = new Set([
  '$match',
  '$group',
  '$sort',
  '$limit',
  '$skip',
  '$unwind',
  '$lookup',
  '$graphLookup',
  '$unionWith',
  '$facet',
  '$out',
  '$merge',
  '$count',
  '$sample',
  '$bucket',
  '$bucketAuto',
  '$sortByCount',
  '$redact',
  '$setWindowFields',
  '$densify',
  '$fill',
  '$documents',
]);

/**
 * Compiles the pipeline of an update.
 *
 * @throws {@link CommandError} for stages that an update cannot have.
 */
export function compileUpdatePipeline(stages: readonly Value[], scope: Scope): DocumentStage {
  const compiledStages = stages.map((stage) => {
    const [name, ...others] = isDoc(stage) ? Object.keys(stage) : [];
    if (!isDoc(stage) || name === undefined || others.length > 0)
      throw new CommandError(40323, 'A pipeline stage specification object must contain exactly one field.');
    const compile = Object.hasOwn(DOCUMENT_STAGES, name) ? DOCUMENT_STAGES[name] : undefined;
    if (!compile) {
      throw OTHER_STAGES.has(name)
        ? new CommandError('InvalidOptions', `${name} is not allowed to be used within an update`)
        : new CommandError(40324, `Unrecognized pipeline stage name: '${name}'`);
    }
    return compile(stage[name], scope);
  });
  return (doc) => compiledStages.reduce((result, stage) => stage(result), doc);
}
