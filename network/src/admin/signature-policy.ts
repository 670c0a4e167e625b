import { common, msp, peer } from '@hyperledger/fabric-protos';
import { PolicySyntaxError } from './errors.js';

const roles = {
  member: msp.MSPRole.MSPRoleType.MEMBER,
  admin: msp.MSPRole.MSPRoleType.ADMIN,
  client: msp.MSPRole.MSPRoleType.CLIENT,
  peer: msp.MSPRole.MSPRoleType.PEER,
  orderer: msp.MSPRole.MSPRoleType.ORDERER,
} as const;

const token = /\s*(?:([(),])|(\d+)|'([^']*)'|"([^"]*)"|([A-Za-z]+))/y;
const principalPattern = /^([A-Za-z0-9.-]+)\.(member|admin|client|peer|orderer)$/;

type Token = Readonly<{ kind: 'mark' | 'number' | 'principal' | 'gate' | 'end'; text: string }>;

function tokensOf(text: string): Token[] {
  const tokens: Token[] = [];
  const end = text.trimEnd().length;
  token.lastIndex = 0;
  while (token.lastIndex < end) {
    const at = token.lastIndex;
    const match = token.exec(text);
    if (!match)
      throw new PolicySyntaxError(`Unexpected "${text.slice(at).trim()}" in endorsement policy: ${text}`);
    const [, mark, number, single, double, gate] = match;
    if (mark !== undefined) tokens.push({ kind: 'mark', text: mark });
    else if (number !== undefined) tokens.push({ kind: 'number', text: number });
    else if (gate !== undefined) tokens.push({ kind: 'gate', text: gate.toLowerCase() });
    else tokens.push({ kind: 'principal', text: single ?? double ?? '' });
  }
  return tokens;
}

/** Reads one policy; the identities that it names are collected in the order in which they appear. */
class PolicyReader {
  readonly identities: msp.MSPPrincipal[] = [];
  readonly #text: string;
  readonly #tokens: Token[];
  #at = 0;

  constructor(text: string) {
    this.#text = text;
    this.#tokens = tokensOf(text);
  }

  read(): common.SignaturePolicy {
    const rule = this.#rule();
    if (this.#next().kind !== 'end') this.#fail('more follows after its end');
    return rule;
  }

  #rule(): common.SignaturePolicy {
    const { kind, text } = this.#next();
    if (kind === 'principal') return this.#signedBy(text);
    if (kind !== 'gate') return this.#fail(`a principal, AND, OR or OutOf is expected instead of "${text}"`);
    this.#expect('(');
    let wanted: number | undefined;
    if (text === 'outof') {
      const count = this.#next();
      if (count.kind !== 'number') this.#fail('OutOf begins with a number');
      wanted = Number(count.text);
      this.#expect(',');
    } else if (text !== 'and' && text !== 'or') this.#fail(`"${text}" is not AND, OR or OutOf`);
    const rules = [this.#rule()];
    for (let mark = this.#next(); mark.text !== ')'; mark = this.#next()) {
      if (mark.text !== ',') this.#fail('a comma or ")" is expected');
      rules.push(this.#rule());
    }
    wanted ??= text === 'and' ? rules.length : 1;
    if (wanted < 1 || wanted > rules.length) this.#fail(`${wanted} of ${rules.length} cannot be met`);
    const gate = new common.SignaturePolicy.NOutOf();
    gate.setN(wanted);
    gate.setRulesList(rules);
    const policy = new common.SignaturePolicy();
    policy.setNOutOf(gate);
    return policy;
  }

  #signedBy(text: string): common.SignaturePolicy {
    const [, mspId, role] = principalPattern.exec(text) ?? [];
    if (mspId === undefined || role === undefined) return this.#fail(`"${text}" is not MSP.role`);
    const mspRole = new msp.MSPRole();
    mspRole.setMspIdentifier(mspId);
    mspRole.setRole(roles[role as keyof typeof roles]);
    const principal = new msp.MSPPrincipal();
    principal.setPrincipalClassification(msp.MSPPrincipal.Classification.ROLE);
    principal.setPrincipal(mspRole.serializeBinary());
    this.identities.push(principal);
    const policy = new common.SignaturePolicy();
    policy.setSignedBy(this.identities.length - 1);
    return policy;
  }

  #next(): Token {
    return this.#tokens[this.#at++] ?? { kind: 'end', text: 'the end' };
  }

  #expect(mark: string): void {
    if (this.#next().text !== mark) this.#fail(`"${mark}" is expected`);
  }

  #fail(why: string): never {
    throw new PolicySyntaxError(`Endorsement policy: ${why}: ${this.#text}`);
  }
}

/**
 * Reads a policy in Fabric's language: `AND('A.peer', OutOf(2, 'B.peer', 'C.peer', OR('D.member', 'E.admin')))`.
 * @throws {@link PolicySyntaxError}
 */
export function parseSignaturePolicy(text: string): common.SignaturePolicyEnvelope {
  const reader = new PolicyReader(text);
  const envelope = new common.SignaturePolicyEnvelope();
  envelope.setVersion(0);
  envelope.setRule(reader.read());
  envelope.setIdentitiesList(reader.identities);
  return envelope;
}

/**
 * A policy in the form in which definitions have it: one of its own, or the name of one of the channel, which begins
 * with a slash.
 * @throws {@link PolicySyntaxError}
 */
export function applicationPolicyOf(text: string): peer.ApplicationPolicy {
  const policy = new peer.ApplicationPolicy();
  if (text.startsWith('/')) policy.setChannelConfigPolicyReference(text);
  else policy.setSignaturePolicy(parseSignaturePolicy(text));
  return policy;
}
