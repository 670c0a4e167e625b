import { randomBytes } from 'node:crypto';
import { type Contract } from '@hyperledger/fabric-gateway';
import { type BareClient } from '../bare-client.js';

/** The organisation that registers policies, and its institution. */
export const insurerMspId = 'InsurerAMSP';
export const insurerId = 'insurer-a';

/** The mutation that the bench sends, and beside it the same transaction as a gateway client sends it. */
export const registerCoverage = `mutation ($input: RegisterCoverageInput!) {
  registerCoverage(input: $input) { transaction { id channel block } coverage { id } }
}`;

/** What is covered does not matter; that no two are the same does. */
export const newPolicyId = (): string => `bench-${randomBytes(12).toString('hex')}`;

const beneficiary = '00'.repeat(20);

export const coverageInput = () => ({ identifier: newPolicyId(), beneficiary, currency: 'USD' });

/** Policies through a bare gateway client. */
export class PolicyContract {
  readonly #contract: Contract;

  constructor(client: BareClient) {
    this.#contract = client.contract('claims-insurer-a', 'claims', 'Coverage');
  }

  async register(id = newPolicyId()): Promise<void> {
    const policy = { id, beneficiary, insurer: insurerId, period: {}, currency: 'USD' };
    await this.#contract.submitTransaction('RegisterPolicies', JSON.stringify({ policies: [policy] }));
  }

  async isEligible(id: string): Promise<void> {
    const question = { coverage: id, servicedDate: '2026-01-01' };
    await this.#contract.evaluateTransaction('CheckEligibility', JSON.stringify(question));
  }
}
