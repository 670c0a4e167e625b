// The third party's chaincode as a process of its own.
import '@medigraph/chaincode-lib/quiet';
import { serveSuite } from '@medigraph/chaincode-lib/server';
import { Traces } from './traces-contract.js';

await serveSuite({ name: 'traces', contracts: [Traces] });
