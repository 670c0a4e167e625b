import { isSignedBy } from '../crypto/signatures.js';
import { reasonOf } from '../errors.js';
import { type Identity } from '../msp/identity.js';
import { type MspManager } from '../msp/msp-manager.js';
import { type ConfigGroup } from '../wire/config.js';
import { ImplicitMetaPolicy, implicitMetaRule, policyType } from '../wire/policy.js';
import { decodeSignaturePolicy } from './policy-bytes.js';
import { satisfiesPolicy, type SignaturePolicy } from './signature-policy.js';

/** Bytes, who is said to have signed them (`SerializedIdentity`), and the signature. */
export interface SignedData {
  readonly data: Uint8Array;
  readonly identity: Buffer;
  readonly signature: Buffer;
}

/** Why identities do not satisfy a policy, in Fabric's words. */
export class PolicyNotSatisfiedError extends Error {}

/** A policy of a channel's configuration. */
export interface Policy {
  /** The signature policy itself, where that is what it is. */
  readonly signature?: SignaturePolicy;
  /** Those below it, where it counts how many of them are satisfied. */
  readonly meta?: { readonly threshold: number; readonly subPolicies: readonly Policy[] };
  /** @throws {@link PolicyNotSatisfiedError}. */
  evaluateIdentities(identities: readonly Identity[]): void;
}

const notSatisfied = new PolicyNotSatisfiedError('signature set did not satisfy policy');

const signaturePolicy = (policy: SignaturePolicy): Policy => ({
  signature: policy,
  evaluateIdentities(identities) {
    if (!satisfiesPolicy(policy, identities)) throw notSatisfied;
  },
});

/** Nobody satisfies a policy that does not exist. */
const missing = (id: string): Policy => ({
  evaluateIdentities() {
    throw new PolicyNotSatisfiedError(`no such policy: '${id}'`);
  },
});

function isSatisfied(policy: Policy, identities: readonly Identity[]): boolean {
  try {
    policy.evaluateIdentities(identities);
    return true;
  } catch (error) {
    if (error instanceof PolicyNotSatisfiedError) return false;
    throw error;
  }
}

function metaPolicy(name: string, threshold: number, subPolicies: readonly Policy[]): Policy {
  return {
    meta: { threshold, subPolicies },
    evaluateIdentities(identities) {
      let satisfied = 0;
      for (const policy of subPolicies) {
        if (satisfied >= threshold) return;
        if (isSatisfied(policy, identities)) satisfied += 1;
      }
      if (satisfied < threshold)
        throw new PolicyNotSatisfiedError(
          `implicit policy evaluation failed - ${satisfied} sub-policies were satisfied, but this policy requires ${threshold} of the '${name}' sub-policies to be satisfied`,
        );
    },
  };
}

/** The policies of a group of a channel's configuration and of the groups below, by path. */
export class PolicyManager {
  readonly #path: string;
  readonly #members: MspManager;
  readonly #managers = new Map<string, PolicyManager>();
  /** By path relative to this group: `Writers`, `Application/Writers`. */
  readonly #policies = new Map<string, Policy>();

  /** @throws in Fabric's words if a policy cannot be read. */
  constructor(path: string, group: ConfigGroup, members: MspManager) {
    this.#path = path;
    this.#members = members;
    for (const [name, subgroup] of group.groups)
      this.#managers.set(name, new PolicyManager(`${path}/${name}`, subgroup, members));
    for (const [name, { policy }] of group.policies) {
      if (policy === undefined) throw new Error(`policy ${name} at path ${path} was nil`);
      this.#policies.set(name, this.#read(name, policy));
    }
    for (const [group, manager] of this.#managers)
      for (const [name, policy] of manager.#policies) this.#policies.set(`${group}/${name}`, policy);
  }

  #read(name: string, { type, value }: { type: number; value: Buffer }): Policy {
    const implicit = type === policyType.implicitMeta;
    if (!implicit && type !== policyType.signature)
      throw new Error(`policy ${name} at path ${this.#path} has unknown policy type: ${type}`);
    try {
      return implicit ? this.#readMeta(value) : signaturePolicy(decodeSignaturePolicy(value));
    } catch (error) {
      throw new Error(
        `${implicit ? 'implicit policy' : 'policy'} ${name} at path ${this.#path} did not compile: ${reasonOf(error)}`,
        { cause: error },
      );
    }
  }

  #readMeta(value: Buffer): Policy {
    const { subPolicy, rule } = ImplicitMetaPolicy.decode(value);
    const subPolicies = [...this.#managers.values()].map((manager) => manager.policy(subPolicy).policy);
    const count = subPolicies.length;
    const thresholds: Record<number, number> = {
      [implicitMetaRule.any]: 1,
      [implicitMetaRule.all]: count,
      [implicitMetaRule.majority]: Math.floor(count / 2) + 1,
    };
    return metaPolicy(subPolicy, count === 0 ? 0 : (thresholds[rule] ?? 0), subPolicies);
  }

  /** The manager of a group below; undefined if there is no such group. */
  manager(path: readonly string[]): PolicyManager | undefined {
    const [name, ...rest] = path;
    return name === undefined ? this : this.#managers.get(name)?.manager(rest);
  }

  /** The policy of a name, absolute (`/Channel/Application/Writers`) or relative; one that nobody satisfies if there is none. */
  policy(id: string): { readonly found: boolean; readonly policy: Policy } {
    const absolute = id.startsWith('/');
    if (absolute && !id.startsWith(`/${this.#path}`)) return { found: false, policy: missing(id) };
    const relative = absolute ? id.slice(this.#path.length + 2) : id;
    const policy = this.#policies.get(relative);
    return policy === undefined ? { found: false, policy: missing(relative) } : { found: true, policy };
  }

  /**
   * Checks that those who signed satisfy the policy.
   * @throws {@link PolicyNotSatisfiedError} in Fabric's words.
   */
  evaluate(id: string, signed: readonly SignedData[]): void {
    this.policy(id).policy.evaluateIdentities(this.signers(signed));
  }

  /** Those who have really signed, each once; whether their certificates are valid is for the policy to ask. */
  signers(signed: readonly SignedData[]): Identity[] {
    const found = new Map<string, Identity>();
    for (const { data, identity: serialized, signature } of signed) {
      const identity = this.#members.find(serialized);
      if (identity === undefined) continue;
      const name = identity.mspId + identity.fingerprint.toString('latin1');
      if (!found.has(name) && isSignedBy(identity, data, signature)) found.set(name, identity);
    }
    return [...found.values()];
  }
}
