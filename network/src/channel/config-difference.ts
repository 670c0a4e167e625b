import { common } from '@hyperledger/fabric-protos';

interface Entries<T> {
  entries(): { next(): { done: boolean; value: [string, T] } };
}

/** What changes from one set of named items to another. */
interface Difference<T> {
  /** Items inside of which something changes, as they are read and as they are written. */
  readonly read: Map<string, T>;
  readonly write: Map<string, T>;
  /** Items that stay, by their version alone. */
  readonly same: Map<string, T>;
  /** Whether there are other items than before. */
  readonly membersChanged: boolean;
}

/** How one kind of item changes. */
interface Kind<T> {
  /** Undefined if nothing does; items that are only written have nothing to read. */
  change(before: T, after: T): { readonly read?: T; readonly write: T } | undefined;
  mention(before: T): T;
  add(after: T): T;
}

function named<T>(map: Entries<T>): Map<string, T> {
  const found = new Map<string, T>();
  const entries = map.entries();
  for (let next = entries.next(); !next.done; next = entries.next()) found.set(...next.value);
  return found;
}

function differenceOf<T>(original: Entries<T>, desired: Entries<T>, kind: Kind<T>): Difference<T> {
  const [before, after] = [named(original), named(desired)];
  const read = new Map<string, T>();
  const write = new Map<string, T>();
  const same = new Map<string, T>();
  for (const [name, item] of before) {
    const wanted = after.get(name);
    if (wanted === undefined) continue;
    const changed = kind.change(item, wanted);
    if (changed === undefined) same.set(name, kind.mention(item));
    else {
      if (changed.read !== undefined) read.set(name, changed.read);
      write.set(name, changed.write);
    }
  }
  const added = [...after].filter(([name]) => !before.has(name));
  for (const [name, item] of added) write.set(name, kind.add(item));
  const membersChanged = added.length > 0 || [...before.keys()].some((name) => !after.has(name));
  return { read, write, same, membersChanged };
}

const sameBytes = (a: Uint8Array, b: Uint8Array) => Buffer.compare(a, b) === 0;

function value(version: number, content?: common.ConfigValue): common.ConfigValue {
  const made = new common.ConfigValue();
  made.setVersion(version);
  if (content) {
    made.setValue(content.getValue_asU8());
    made.setModPolicy(content.getModPolicy());
  }
  return made;
}

const values: Kind<common.ConfigValue> = {
  change: (before, after) =>
    before.getModPolicy() === after.getModPolicy() && sameBytes(before.getValue_asU8(), after.getValue_asU8())
      ? undefined
      : { write: value(before.getVersion() + 1, after) },
  mention: (before) => value(before.getVersion()),
  add: (after) => value(0, after),
};

function policy(version: number, content?: common.ConfigPolicy): common.ConfigPolicy {
  const made = new common.ConfigPolicy();
  made.setVersion(version);
  if (content) {
    made.setPolicy(content.getPolicy());
    made.setModPolicy(content.getModPolicy());
  }
  return made;
}

const bytesOf = (item: common.ConfigPolicy) => item.getPolicy()?.serializeBinary() ?? new Uint8Array();

const policies: Kind<common.ConfigPolicy> = {
  change: (before, after) =>
    before.getModPolicy() === after.getModPolicy() && sameBytes(bytesOf(before), bytesOf(after))
      ? undefined
      : { write: policy(before.getVersion() + 1, after) },
  mention: (before) => policy(before.getVersion()),
  add: (after) => policy(0, after),
};

interface GroupItems {
  readonly values: Map<string, common.ConfigValue>;
  readonly policies: Map<string, common.ConfigPolicy>;
  readonly groups: Map<string, common.ConfigGroup>;
}

function group(version: number, items?: GroupItems, modPolicy = ''): common.ConfigGroup {
  const made = new common.ConfigGroup();
  made.setVersion(version);
  made.setModPolicy(modPolicy);
  for (const [name, item] of items?.values ?? []) made.getValuesMap().set(name, item);
  for (const [name, item] of items?.policies ?? []) made.getPoliciesMap().set(name, item);
  for (const [name, item] of items?.groups ?? []) made.getGroupsMap().set(name, item);
  return made;
}

const groups: Kind<common.ConfigGroup> = {
  change: groupDifference,
  mention: (before) => group(before.getVersion()),
  add(after) {
    const { write } = groupDifference(new common.ConfigGroup(), after) ?? { write: group(0) };
    write.setVersion(0);
    write.setModPolicy(after.getModPolicy());
    return write;
  },
};

/**
 * What must be read and written for one group of a channel's configuration to become another; undefined if they say the same.
 *
 * A group of which an item is added or removed, or whose policy for changes is another, gets a new version and names all of its
 * items. Otherwise only what changes is named, so that updates of different items do not stand in each other's way.
 */
export function groupDifference(
  before: common.ConfigGroup,
  after: common.ConfigGroup,
): { readonly read: common.ConfigGroup; readonly write: common.ConfigGroup } | undefined {
  const difference = {
    values: differenceOf(before.getValuesMap(), after.getValuesMap(), values),
    policies: differenceOf(before.getPoliciesMap(), after.getPoliciesMap(), policies),
    groups: differenceOf(before.getGroupsMap(), after.getGroupsMap(), groups),
  };
  const all = [difference.values, difference.policies, difference.groups];
  const version = before.getVersion();
  const part = (name: 'read' | 'write', withSame: boolean): GroupItems => {
    const items = <T>(kind: Difference<T>) => new Map([...kind[name], ...(withSame ? kind.same : [])]);
    return {
      values: items(difference.values),
      policies: items(difference.policies),
      groups: items(difference.groups),
    };
  };
  const itself =
    before.getModPolicy() !== after.getModPolicy() || all.some(({ membersChanged }) => membersChanged);
  if (itself) {
    return {
      read: group(version, part('read', true)),
      write: group(version + 1, part('write', true), after.getModPolicy()),
    };
  }
  if (all.every(({ write }) => write.size === 0)) return undefined;
  return { read: group(version, part('read', false)), write: group(version, part('write', false)) };
}
