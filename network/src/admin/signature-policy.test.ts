import { msp } from '@hyperledger/fabric-protos';
import { PolicySyntaxError } from './errors.js';
import { parseSignaturePolicy } from './signature-policy.js';

const principals = (text: string) =>
  parseSignaturePolicy(text)
    .getIdentitiesList()
    .map((principal) => msp.MSPRole.deserializeBinary(principal.getPrincipal_asU8()))
    .map((role) => [role.getMspIdentifier(), role.getRole()]);

describe('parseSignaturePolicy', () => {
  it('numbers principals in the order in which they appear', () => {
    expect(principals("AND('A.peer', OutOf(1, \"B.member\", 'C-1.x.admin'))")).toEqual([
      ['A', msp.MSPRole.MSPRoleType.PEER],
      ['B', msp.MSPRole.MSPRoleType.MEMBER],
      ['C-1.x', msp.MSPRole.MSPRoleType.ADMIN],
    ]);
  });

  it('turns every gate into a count out of rules', () => {
    const rule = parseSignaturePolicy(
      "and('A.peer', OR('B.peer', 'C.peer'), OutOf(2, 'D.peer', 'E.peer', 'F.peer'))",
    ).getRule();
    const gate = rule?.getNOutOf();
    expect(gate?.getN()).toBe(3);
    expect(gate?.getRulesList().map((inner) => inner.getNOutOf()?.getN())).toEqual([undefined, 1, 2]);
  });

  it.each([
    ['', 'the end'],
    ["AND('A.peer'", 'expected'],
    ["AND('A.peer') 'B.peer'", 'more follows'],
    ["XOR('A.peer', 'B.peer')", 'not AND, OR or OutOf'],
    ["OutOf('A.peer')", 'begins with a number'],
    ["OutOf(3, 'A.peer', 'B.peer')", 'cannot be met'],
    ["AND('A.cook')", 'not MSP.role'],
    ["AND('A.peer'; 'B.peer')", 'Unexpected'],
  ])('refuses %p', (text, why) => {
    expect(() => parseSignaturePolicy(text)).toThrow(PolicySyntaxError);
    expect(() => parseSignaturePolicy(text)).toThrow(why);
  });
});
