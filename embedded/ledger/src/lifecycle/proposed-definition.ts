import { ApplicationPolicy } from '../wire/policy.js';
import { noBytes } from '../wire/message.js';
import { type NamedDefinition } from '../wire/lifecycle.js';
import { type ChaincodeDefinition } from './chaincode-definition.js';

/** What a definition stands by that says nothing of who must endorse. */
const defaultPolicy = ApplicationPolicy.encode({
  channelConfigPolicyReference: '/Channel/Application/Endorsement',
});

/** A definition as a client proposes it, with the channel's defaults for what it leaves out. */
export const proposedDefinition = ({
  sequence,
  version,
  endorsementPlugin,
  validationPlugin,
  validationParameter,
  collections,
  initRequired,
}: NamedDefinition): ChaincodeDefinition => ({
  sequence,
  version,
  initRequired,
  endorsementPlugin: endorsementPlugin === '' ? 'escc' : endorsementPlugin,
  validationPlugin: validationPlugin === '' ? 'vscc' : validationPlugin,
  validationParameter: validationParameter.length === 0 ? defaultPolicy : validationParameter,
  collections: collections ?? noBytes,
});

const namePattern = /^[a-zA-Z0-9]+([-_][a-zA-Z0-9]+)*$/;
const versionPattern = /^[A-Za-z0-9_.+-]+$/;
const systemNames = new Set(['cscc', 'escc', 'lscc', 'qscc', 'vscc']);

/** @throws in Fabric's words if a chaincode cannot have this name or version. */
export function checkNaming({ name, version }: { readonly name: string; readonly version: string }): void {
  if (!namePattern.test(name))
    throw new Error(
      `invalid chaincode name '${name}'. Names can only consist of alphanumerics, '_', and '-' and can only begin with alphanumerics`,
    );
  if (systemNames.has(name)) throw new Error(`chaincode name '${name}' is the name of a system chaincode`);
  if (!versionPattern.test(version))
    throw new Error(
      `invalid chaincode version '${version}'. Versions can only consist of alphanumerics, '_', '-', '+', and '.'`,
    );
}
