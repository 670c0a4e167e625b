import { type ConfigGroup, type ConfigPolicy, type ConfigValue } from '../wire/config.js';

/** One part of a configuration's tree that has a version and a policy for its changes. */
export interface ConfigElement {
  /** Names of the groups above. */
  readonly path: readonly string[];
  readonly key: string;
  readonly group?: ConfigGroup;
  readonly value?: ConfigValue;
  readonly policy?: ConfigPolicy;
}

/** A configuration taken apart, by name: `[Group]  /Channel/Application`, `[Value]  /Channel/Orderer/BatchSize`. */
export type ConfigElements = ReadonlyMap<string, ConfigElement>;

const rootGroup = 'Channel';
const longestName = 249;

const nameOf = (kind: 'Group' | 'Value' | 'Policy', path: readonly string[], key: string): string =>
  `[${kind}]`.padEnd(9) + [...path, key].map((part) => `/${part}`).join('');

/** @throws in Fabric's words if that cannot be a name in a configuration. */
function checkName(name: string): void {
  if (name.length === 0) throw new Error('config ID illegal, cannot be empty');
  if (name.length > longestName) throw new Error(`config ID illegal, cannot be longer than ${longestName}`);
  if (name === '.' || name === '..') throw new Error(`name '${name}' for config ID is not allowed`);
  if (!/^[a-zA-Z0-9.-]+$/.test(name)) throw new Error(`config ID '${name}' contains illegal characters`);
}

/** @throws in Fabric's words if an element can have no such policy for its changes. */
export function checkModPolicy(policy: string): void {
  if (policy === '') throw new Error('mod_policy not set');
  policy
    .replace(/^\//, '')
    .split('/')
    .forEach((part, index) => {
      try {
        checkName(part);
      } catch (error) {
        throw new Error(`path element at ${index} is invalid: ${(error as Error).message}`, { cause: error });
      }
    });
}

/** Takes a configuration apart; there is nothing in an absent one. @throws in Fabric's words. */
export function elementsOf(root: ConfigGroup | undefined): Map<string, ConfigElement> {
  const elements = new Map<string, ConfigElement>();
  const add = (kind: 'Group' | 'Value' | 'Policy', element: ConfigElement) => {
    try {
      checkName(element.key);
    } catch (error) {
      throw new Error(`illegal characters in key: ${`[${kind}]`.padEnd(9)}: ${(error as Error).message}`, {
        cause: error,
      });
    }
    elements.set(nameOf(kind, element.path, element.key), element);
  };
  const visit = (group: ConfigGroup, path: readonly string[], key: string): void => {
    add('Group', { path, key, group });
    const inside = [...path, key];
    for (const [name, below] of group.groups) visit(below, inside, name);
    for (const [name, value] of group.values) add('Value', { path: inside, key: name, value });
    for (const [name, policy] of group.policies) add('Policy', { path: inside, key: name, policy });
  };
  if (root !== undefined) visit(root, [], rootGroup);
  return elements;
}

export const versionOf = ({ group, value, policy }: ConfigElement): number =>
  (group ?? value ?? policy)?.version ?? 0;

export const modPolicyOf = ({ group, value, policy }: ConfigElement): string =>
  (group ?? value ?? policy)?.modPolicy ?? '';

/** Puts a configuration together again: each group has the members that it names. @throws in Fabric's words. */
export function groupOf(elements: ConfigElements): ConfigGroup {
  const find = (kind: 'Group' | 'Value' | 'Policy', path: readonly string[], key: string): ConfigElement => {
    const name = nameOf(kind, path, key);
    const found = elements.get(name);
    if (found === undefined) throw new Error(`missing ${kind.toLowerCase()} at path: ${name}`);
    return found;
  };
  const build = (path: readonly string[], key: string): ConfigGroup => {
    const { group } = find('Group', path, key);
    if (group === undefined) throw new Error(`missing group at path: ${nameOf('Group', path, key)}`);
    const inside = [...path, key];
    const gather = <T>(names: Iterable<string>, make: (name: string) => T | undefined): Map<string, T> =>
      new Map(
        [...names].flatMap((name): [string, T][] => {
          const made = make(name);
          return made === undefined ? [] : [[name, made]];
        }),
      );
    return {
      version: group.version,
      modPolicy: group.modPolicy,
      groups: gather(group.groups.keys(), (name) => build(inside, name)),
      values: gather(group.values.keys(), (name) => find('Value', inside, name).value),
      policies: gather(group.policies.keys(), (name) => find('Policy', inside, name).policy),
    };
  };
  return build([], rootGroup);
}
