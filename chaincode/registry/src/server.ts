import '@medigraph/chaincode-lib/quiet';
import { serveSuite } from '@medigraph/chaincode-lib/server';
import { contracts } from './index.js';

await serveSuite({ name: 'registry', contracts });
