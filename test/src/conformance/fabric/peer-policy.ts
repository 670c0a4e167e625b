import { common, msp } from '@hyperledger/fabric-protos';

/** The policy that so many of these organisations' peers satisfy: a `SignaturePolicyEnvelope` in base64. */
export function peerPolicy(wanted: number, ...mspIds: string[]): string {
  const rules = mspIds.map((_, index) => {
    const rule = new common.SignaturePolicy();
    rule.setSignedBy(index);
    return rule;
  });
  const gate = new common.SignaturePolicy.NOutOf();
  gate.setN(wanted);
  gate.setRulesList(rules);
  const rule = new common.SignaturePolicy();
  rule.setNOutOf(gate);
  const policy = new common.SignaturePolicyEnvelope();
  policy.setRule(rule);
  policy.setIdentitiesList(mspIds.map(peerOf));
  return Buffer.from(policy.serializeBinary()).toString('base64');
}

function peerOf(mspId: string): msp.MSPPrincipal {
  const role = new msp.MSPRole();
  role.setMspIdentifier(mspId);
  role.setRole(msp.MSPRole.MSPRoleType.PEER);
  const principal = new msp.MSPPrincipal();
  principal.setPrincipalClassification(msp.MSPPrincipal.Classification.ROLE);
  principal.setPrincipal(role.serializeBinary());
  return principal;
}
