import { type AnyNode } from 'acorn';
import { Bundle, type FreeName, propertyOf } from './bundle.js';
import {
  allowedNames,
  clockCall,
  dynamicCode,
  hostModules,
  outcomes,
  refusedMembers,
  refusedNames,
  type Rule,
  ruleOfModule,
} from './rules.js';

/** A place in a bundle where a rule is broken. */
export interface Breach {
  readonly severity: 'error' | 'warning';
  readonly rule: Rule;
  /** What stands there. */
  readonly what: string;
  /** `line:column`, from 1. */
  readonly position: string;
}

/** Functions of `Object` and `Reflect` that change their first argument. */
const changing: ReadonlySet<string> = new Set([
  'assign', 'defineProperty', 'defineProperties', 'setPrototypeOf', 'set', 'deleteProperty',
]); // prettier-ignore
const ofLocale: ReadonlySet<string> = new Set([
  'toLocaleString', 'toLocaleDateString', 'toLocaleTimeString', 'localeCompare',
]); // prettier-ignore
const modules: ReadonlySet<string> = new Set(hostModules);

class Analysis {
  readonly breaches: Breach[] = [];
  readonly #bundle: Bundle;
  readonly #free: ReadonlySet<AnyNode>;

  constructor(bundle: Bundle) {
    this.#bundle = bundle;
    this.#free = new Set(bundle.free.map(({ node }) => node));
    for (const name of bundle.free) this.#freeName(name);
    for (const node of bundle.nodes) this.#node(node);
  }

  #report(rule: Rule, node: AnyNode, what: string, severity: Breach['severity'] = 'error'): void {
    const { line, column } = node.loc?.start ?? { line: 1, column: 0 };
    this.breaches.push({ rule, what, severity, position: `${line}:${column + 1}` });
  }

  #freeName({ name, node, isWritten }: FreeName): void {
    const parent = this.#bundle.parentOf(node);
    // Whether there is one may be asked: the answer is the same on each peer.
    if (parent?.type === 'UnaryExpression' && parent.operator === 'typeof') return;
    const refused = Object.hasOwn(refusedNames, name) ? refusedNames[name] : undefined;
    if (isWritten) this.#report(outcomes.implicit, node, name);
    else if (refused) this.#report(refused, node, name);
    else if (!allowedNames.has(name)) this.#unknownName(name, node, parent);
    else if (name === 'require') this.#require(node, parent);
    else if (name === 'Date') this.#date(node, parent);
    else this.#allowedName(name, node, parent);
  }

  /** `typeof Name === 'undefined' ? Object : Name` is how TypeScript writes a type that is gone when the program runs. */
  #unknownName(name: string, node: AnyNode, parent: AnyNode | undefined): void {
    if (parent?.type === 'ConditionalExpression' && parent.alternate === node) {
      const { test } = parent;
      const asks =
        test.type === 'BinaryExpression' &&
        test.operator === '===' &&
        test.left.type === 'UnaryExpression' &&
        test.left.operator === 'typeof' &&
        test.left.argument.type === 'Identifier' &&
        test.left.argument.name === name &&
        test.right.type === 'Literal' &&
        test.right.value === 'undefined';
      if (asks) return;
    }
    this.#report(outcomes.unknown, node, name);
  }

  #allowedName(name: string, node: AnyNode, parent: AnyNode | undefined): void {
    const member =
      parent?.type === 'MemberExpression' && parent.object === node ? propertyOf(parent) : undefined;
    if (member !== undefined) this.#member(`${name}.${member}`, parent ?? node);
    else if (name === 'Math') this.#mathTaken(node, parent);
  }

  #member(path: string, node: AnyNode): void {
    const refused = Object.hasOwn(refusedMembers, path) ? refusedMembers[path] : undefined;
    if (refused) this.#report(refused, node, path);
    else if (path === 'Promise.race' || path === 'Promise.any')
      this.#report(outcomes.race, node, path, 'warning');
    else if (path === 'Reflect.construct') this.#report(dynamicCode, node, path, 'warning');
  }

  /** `const { random } = Math` and `Math[name]` hide what is taken. */
  #mathTaken(node: AnyNode, parent: AnyNode | undefined): void {
    const hidden = parent?.type === 'MemberExpression' || parent?.type === 'VariableDeclarator';
    const random = refusedMembers['Math.random'];
    if (hidden && random) this.#report(random, node, 'Math', 'warning');
  }

  #date(node: AnyNode, parent: AnyNode | undefined): void {
    if (parent?.type === 'NewExpression' && parent.callee === node) {
      if (parent.arguments.length === 0) this.#report(clockCall, parent, 'new Date()');
    } else if (parent?.type === 'CallExpression' && parent.callee === node) {
      this.#report(clockCall, parent, 'Date()');
    } else if (parent?.type === 'MemberExpression' && parent.object === node) {
      const member = propertyOf(parent);
      if (member === 'now' || member === undefined) this.#report(clockCall, parent, 'Date.now');
    } else if (parent?.type === 'VariableDeclarator') {
      this.#report(clockCall, node, 'Date', 'warning');
    }
  }

  #require(node: AnyNode, parent: AnyNode | undefined): void {
    const argument =
      parent?.type === 'CallExpression' && parent.callee === node ? parent.arguments[0] : undefined;
    if (argument?.type !== 'Literal' || typeof argument.value !== 'string')
      this.#report(outcomes.dynamicModule, node, 'require');
    else if (!modules.has(argument.value))
      this.#report(ruleOfModule(argument.value), parent as AnyNode, `require('${argument.value}')`);
  }

  #node(node: AnyNode): void {
    if (node.type === 'ImportExpression') this.#report(outcomes.dynamicModule, node, 'import()');
    else if (node.type === 'CallExpression') this.#call(node);
    else if (node.type === 'AssignmentExpression') this.#changed(node.left, node);
    else if (node.type === 'UpdateExpression') this.#changed(node.argument, node);
    else if (node.type === 'UnaryExpression' && node.operator === 'delete')
      this.#changed(node.argument, node);
    else if (node.type === 'MemberExpression') this.#constructorOf(node);
  }

  /** `f.constructor.constructor` is `Function`, by another way. */
  #constructorOf(node: AnyNode & { type: 'MemberExpression' }): void {
    if (propertyOf(node) !== 'constructor' || node.object.type === 'Super') return;
    if (propertyOf(node.object) === 'constructor')
      this.#report(dynamicCode, node, '.constructor.constructor');
  }

  #call(node: AnyNode & { type: 'CallExpression' }): void {
    const { callee } = node;
    if (callee.type !== 'MemberExpression') return;
    const property = propertyOf(callee);
    if (property === undefined) return;
    if (
      property === 'constructor' &&
      callee.object.type !== 'ThisExpression' &&
      callee.object.type !== 'Super'
    )
      this.#report(dynamicCode, node, '.constructor(…)');
    if (ofLocale.has(property)) this.#report(outcomes.locale, node, `.${property}()`, 'warning');
    const [target] = node.arguments;
    const ofObject = this.#isFree(callee.object, 'Object') || this.#isFree(callee.object, 'Reflect');
    if (ofObject && changing.has(property) && target && this.#isShared(target))
      this.#report(outcomes.pollution, node, `${property} of what others inherit`);
  }

  #changed(target: AnyNode, node: AnyNode): void {
    if (target.type !== 'MemberExpression') return;
    if (propertyOf(target) === '__proto__' || this.#isShared(target.object))
      this.#report(outcomes.pollution, node, `${propertyOf(target) ?? 'a property'} of what others inherit`);
  }

  #isFree(node: AnyNode, name: string): boolean {
    return node.type === 'Identifier' && node.name === name && this.#free.has(node);
  }

  /** Is it one of the language's objects, or the prototype of one, however it is reached? */
  #isShared(node: AnyNode): boolean {
    if (node.type === 'Identifier')
      return (
        this.#free.has(node) && node.name !== 'module' && node.name !== 'exports' && node.name !== 'arguments'
      );
    const property = propertyOf(node);
    if (node.type !== 'MemberExpression') return false;
    if (property === '__proto__') return true;
    if (property === 'prototype') return this.#isShared(node.object);
    return false;
  }
}

/**
 * Where a bundle uses what the same transaction would find different on another peer, or what the sandbox does not have.
 * @throws `BundleUnreadable`.
 */
export function analyse(text: string): Breach[] {
  return new Analysis(new Bundle(text)).breaches;
}
