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

const policyOf = (id: string) => ({ id, beneficiary, insurer: insurerId, period: {}, currency: 'USD' });

const channel = 'claims-insurer-a';
const chaincode = 'claims';

/** Policies through a bare gateway client. */
export class PolicyContract {
  readonly #client: BareClient;
  readonly #contract: Contract;

  constructor(client: BareClient) {
    this.#client = client;
    this.#contract = client.contract(channel, chaincode, 'Coverage');
  }

  async register(id = newPolicyId()): Promise<void> {
    await this.#contract.submitTransaction('RegisterPolicies', JSON.stringify({ policies: [policyOf(id)] }));
  }

  /** Registers policies one after the other; answers what one does, from its proposal to its event. */
  async untilEvents<T>(work: (register: () => Promise<void>) => Promise<T>): Promise<T> {
    const events = await this.#client.gateway.getNetwork(channel).getChaincodeEvents(chaincode);
    const received = events[Symbol.asyncIterator]();
    try {
      return await work(async () => {
        const submitted = await this.#contract.submitAsync('RegisterPolicies', {
          arguments: [JSON.stringify({ policies: [policyOf(newPolicyId())] })],
        });
        const id = submitted.getTransactionId();
        for (;;) {
          const next = await received.next();
          if (next.done === true) throw new Error('The stream of events ended.');
          if (next.value.transactionId === id) return;
        }
      });
    } finally {
      events.close();
    }
  }

  async isEligible(id: string): Promise<void> {
    const question = { coverage: id, servicedDate: '2026-01-01' };
    await this.#contract.evaluateTransaction('CheckEligibility', JSON.stringify(question));
  }
}
