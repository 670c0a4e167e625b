import { expect, test } from '@jest/globals';
import { ContractBench } from '@medigraph/chaincode-lib/testing';
import { registryTransactions } from '@medigraph/schema';
import { contracts } from './index.js';

interface Metadata {
  readonly contracts: Record<
    string,
    { transactions: { name: string; tag: string[]; parameters: object[] }[] }
  >;
}

test('the contracts have the transactions of the schema, and say which of them write', async () => {
  const bench = new ContractBench({ contracts });
  const someone = await bench.enrol('OrgMSP', 'someone');
  const metadata = (await bench.evaluate(someone, 'org.hyperledger.fabric:GetMetadata')) as Metadata;
  const { 'org.hyperledger.fabric': _system, ...own } = metadata.contracts;
  const found = Object.entries(own).flatMap(([contract, { transactions }]) =>
    transactions.map(({ name, tag, parameters }) => {
      expect(parameters).toEqual([expect.objectContaining({ name: 'argument', schema: { type: 'string' } })]);
      return [`${contract}:${name}`, tag.includes('EVALUATE') ? 'evaluate' : 'submit'];
    }),
  );
  const wanted = Object.entries(registryTransactions).map(([name, { kind }]) => [name, kind]);
  expect(Object.fromEntries(found)).toEqual(Object.fromEntries(wanted));
});
