// A bundle as a chaincode service of the usual kind: no sandbox, the shim at the peer's own connection.
import '@medigraph/chaincode-lib/quiet';
import { createRequire } from 'node:module';
import { type ContractClass, serveSuite } from '@medigraph/chaincode-lib/server';

const [file = ''] = process.argv.slice(2);
const { contracts } = createRequire(import.meta.url)(file) as { contracts: readonly ContractClass[] };
await serveSuite({ name: 'plain', contracts });
