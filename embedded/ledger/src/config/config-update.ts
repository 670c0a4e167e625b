import { reasonOf } from '../errors.js';
import { type PolicyManager, type SignedData } from '../policy/policy-manager.js';
import { SignatureHeader } from '../wire/common.js';
import { ConfigUpdate, type Config, type ConfigUpdateEnvelope } from '../wire/config.js';
import { type ChannelConfig } from './channel-config.js';
import {
  checkModPolicy,
  elementsOf,
  groupOf,
  modPolicyOf,
  versionOf,
  type ConfigElement,
  type ConfigElements,
} from './config-elements.js';

const within = <T>(what: string, act: () => T): T => {
  try {
    return act();
  } catch (error) {
    throw new Error(`${what}: ${reasonOf(error)}`, { cause: error });
  }
};

/**
 * What a channel's configuration becomes by an update, if that is authorised: what it has read is still so, and those who
 * signed satisfy the policy of every element that it changes.
 * @throws in Fabric's words.
 */
export function applyUpdate(current: ChannelConfig, update: ConfigUpdateEnvelope): Config {
  const proposed = within('error authorizing update', () => authorize(current, update));
  const channelGroup = within('could not turn configMap back to channelGroup', () => groupOf(proposed));
  return { sequence: current.sequence + 1, channelGroup };
}

function authorize(
  current: ChannelConfig,
  { configUpdate, signatures }: ConfigUpdateEnvelope,
): ConfigElements {
  const { channelId, readSet, writeSet } = ConfigUpdate.decode(configUpdate);
  if (channelId !== current.channel)
    throw new Error(`ConfigUpdate for channel '${channelId}' but envelope for channel '${current.channel}'`);
  const elements = elementsOf(current.config.channelGroup);
  const read = within('error mapping ReadSet', () => elementsOf(readSet));
  within('error validating ReadSet', () => checkReadSet(read, elements));
  const written = within('error mapping WriteSet', () => elementsOf(writeSet));
  const delta = new Map(
    [...written].filter(([name, element]) => {
      const before = read.get(name);
      return before === undefined || versionOf(before) !== versionOf(element);
    }),
  );
  const signed = signatures.map(({ signatureHeader, signature }) => ({
    data: Buffer.concat([signatureHeader, configUpdate]),
    identity: SignatureHeader.decode(signatureHeader).creator,
    signature,
  }));
  within('error validating DeltaSet', () => checkDeltaSet(delta, elements, current.policies, signed));
  return new Map([...elements, ...delta]);
}

function checkReadSet(read: ConfigElements, elements: ConfigElements): void {
  for (const [name, element] of read) {
    const existing = elements.get(name);
    if (existing === undefined)
      throw new Error(`existing config does not contain element for ${name} but was in the read set`);
    if (versionOf(existing) !== versionOf(element))
      throw new Error(
        `proposed update requires that key ${name} be at version ${versionOf(element)}, but it is currently at version ${versionOf(existing)}`,
      );
  }
}

function checkDeltaSet(
  delta: ConfigElements,
  elements: ConfigElements,
  policies: PolicyManager,
  signed: readonly SignedData[],
): void {
  if (delta.size === 0) throw new Error('delta set was empty -- update would have no effect');
  const signers = policies.signers(signed);
  for (const [name, element] of delta) {
    within(`invalid mod_policy for element ${name}`, () => checkModPolicy(modPolicyOf(element)));
    const existing = elements.get(name);
    const version = versionOf(element);
    if (existing === undefined) {
      if (version !== 0)
        throw new Error(`attempted to set key ${name} to version ${version}, but key does not exist`);
      continue;
    }
    if (version !== versionOf(existing) + 1)
      throw new Error(
        `attempt to set key ${name} to version ${version}, but key is at version ${versionOf(existing)}`,
      );
    const policy = policyFor(existing, policies);
    if (policy === undefined)
      throw new Error(`unexpected missing policy ${modPolicyOf(existing)} for item ${name}`);
    within(`policy for ${name} not satisfied`, () => policy.evaluateIdentities(signers));
  }
}

/** A policy that is named relatively is one of the element's group; a group is its own. */
function policyFor(element: ConfigElement, policies: PolicyManager) {
  const name = modPolicyOf(element);
  const { path, key, group } = element;
  const relative = !name.startsWith('/') && path.length > 0;
  const below = [...path.slice(1), ...(group === undefined ? [] : [key])];
  const found = (relative ? policies.manager(below) : policies)?.policy(name);
  return found?.found === true ? found.policy : undefined;
}
