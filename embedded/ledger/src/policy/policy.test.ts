import { createPublicKey, generateKeyPairSync } from 'node:crypto';
import { type Identity, type NodeRole } from '../msp/identity.js';
import { endorsementGroups } from './endorsement-groups.js';
import { parsePolicy } from './policy-parser.js';
import { satisfiesPolicy } from './signature-policy.js';

const publicKey = createPublicKey(generateKeyPairSync('ec', { namedCurve: 'prime256v1' }).privateKey);
const identity = (mspId: string, role: NodeRole = 'peer', invalid?: string): Identity => ({
  mspId,
  role,
  publicKey,
  fingerprint: Buffer.from(`${mspId}${role}`),
  expiresAt: 0,
  ...(invalid === undefined ? {} : { invalid }),
});
const satisfied = (text: string, ...identities: Identity[]) => satisfiesPolicy(parsePolicy(text), identities);

describe('signature policies', () => {
  test('gates', () => {
    expect(satisfied("AND('A.peer', 'B.peer')", identity('A'), identity('B'))).toBe(true);
    expect(satisfied("AND('A.peer', 'B.peer')", identity('A'))).toBe(false);
    expect(satisfied("OR('A.peer', 'B.peer')", identity('B'))).toBe(true);
    expect(satisfied("OutOf(2, 'A.peer', 'B.peer', 'C.peer')", identity('C'), identity('A'))).toBe(true);
    expect(satisfied("OutOf(2, 'A.peer', 'B.peer', 'C.peer')", identity('C'))).toBe(false);
    expect(satisfied("AND('A.peer', OR('B.peer', 'C.peer'))", identity('C'), identity('A'))).toBe(true);
    expect(satisfied("OutOf(0, 'A.peer')")).toBe(true);
    expect(satisfied("outof(3, 'A.peer', 'B.peer')", identity('A'), identity('B'))).toBe(false);
  });

  test('roles', () => {
    expect(satisfied("'A.peer'", identity('A', 'client'))).toBe(false);
    expect(satisfied("'A.member'", identity('A', 'client'))).toBe(true);
    expect(satisfied('"A.admin"', identity('A', 'admin'))).toBe(true);
    expect(satisfied("'A.member'", identity('A', 'peer', 'revoked'))).toBe(false);
  });

  test('one signature counts once', () => {
    expect(satisfied("AND('A.member', 'A.peer')", identity('A'))).toBe(false);
    expect(satisfied("AND('A.member', 'A.member')", identity('A'), identity('A', 'admin'))).toBe(true);
  });

  test('a branch that fails gives back what it took', () => {
    const policy = "OR(AND('A.peer', 'B.peer'), 'A.peer')";
    expect(satisfied(policy, identity('A'))).toBe(true);
  });

  test.each([
    ["AND('A.peer'", "')'"],
    ["XOR('A.peer')", "unrecognized token 'XOR'"],
    ["AND('A.boss')", "unrecognized principal 'A.boss'"],
    ["OutOf(4, 'A.peer', 'B.peer')", 't-out-of-n'],
    ["OutOf('A.peer')", 'a number'],
    ['', 'a principal or a gate'],
    ["'A.peer' 'B.peer'", 'nothing more'],
    ["aNd('A.peer')", "unrecognized token 'aNd'"],
    ["AND(;'A.peer')", 'position 4'],
  ])('refuses %s', (text, reason) => {
    expect(() => parsePolicy(text)).toThrow(reason);
  });
});

describe('endorsement groups', () => {
  const peers = ['A', 'B', 'C', 'D'].map((mspId) => ({ mspId, identity: identity(mspId) }));
  /** Each layout as the organisations of its groups, a letter for each endorsement. */
  const layouts = (...policies: string[]) => {
    const { groups, layouts: found } = endorsementGroups(policies.map(parsePolicy), peers);
    return found
      .map((layout) =>
        [...layout]
          .map(([group, quantity]) => (groups.get(group)?.[0]?.mspId ?? '?').repeat(quantity))
          .sort()
          .join(''),
      )
      .sort();
  };

  test('are put together to satisfy the policy', () => {
    expect(layouts("OutOf(2, 'A.peer', 'B.peer', 'C.peer')")).toEqual(['AB', 'AC', 'BC']);
    expect(layouts("AND('A.peer', OR('B.peer', 'C.peer'))")).toEqual(['AB', 'AC']);
    expect(layouts("OR('A.peer', AND('A.peer', 'B.peer'))")).toEqual(['A', 'AB']);
  });

  test('satisfy all chaincodes concerned', () => {
    expect(layouts("OR('A.peer', 'B.peer')", "OR('B.peer', 'C.peer')")).toEqual(['AC', 'B']);
    expect(layouts("AND('A.peer', 'B.peer')", "OR('A.member', 'D.peer')")).toEqual(['AB']);
    expect(layouts("OR('A.peer', 'B.peer')", "AND('A.peer', 'B.peer')")).toEqual(['AB']);
  });

  test('have all peers that satisfy a principal', () => {
    const more = [...peers, { mspId: 'A2', identity: identity('A') }];
    const { groups, layouts: found } = endorsementGroups([parsePolicy("AND('A.peer', 'A.peer')")], more);
    expect([...groups.values()].map((members) => members.map(({ mspId }) => mspId))).toEqual([['A', 'A2']]);
    expect(found).toEqual([new Map([['G0', 2]])]);
  });

  test('do not exist where no peers satisfy, or have the chaincode', () => {
    const nobody = 'no peer combination can satisfy the endorsement policy';
    expect(() => layouts("AND('A.peer', 'A.peer')")).toThrow(nobody);
    expect(() => layouts("'Z.peer'")).toThrow(nobody);
    expect(() => layouts("OutOf(3, 'A.peer', 'B.peer')")).toThrow('endorsement policy cannot be satisfied');
    expect(() => layouts()).toThrow('no principal sets remained after filtering');
    expect(() => endorsementGroups([parsePolicy("'A.peer'")], peers, () => false)).toThrow(
      'required chaincodes are not installed on sufficient peers',
    );
  });
});
