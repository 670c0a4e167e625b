// A chaincode process with the sample contract: `sample-chaincode.js ADDRESS ID`. Says { "type": "ready" } once it serves.
import { JSONSerializer } from 'fabric-contract-api';
import { Shim, type ChaincodeInterface, type ChaincodeServerOpts } from 'fabric-shim';
import { createRequire } from 'node:module';
import { SampleContract } from './sample-contract.js';

/** The dispatcher that `fabric-chaincode-node` puts before contracts; it is not among the package's typed exports. */
type Dispatcher = new (
  contracts: readonly unknown[],
  serializers: object,
  metadata: object,
  title: string,
  version: string,
) => ChaincodeInterface;
const require = createRequire(import.meta.url);
const ChaincodeFromContract = require('fabric-shim/lib/contract-spi/chaincodefromcontract.js') as Dispatcher;

const [address, id] = process.argv.slice(2);
if (address === undefined || id === undefined) throw new Error('usage: sample-chaincode.js ADDRESS ID');
const serializers = { transaction: 'jsonSerializer', serializers: { jsonSerializer: JSONSerializer } };
const chaincode = new ChaincodeFromContract([SampleContract], serializers, {}, 'sample', '1.0');
process.on('disconnect', () => process.exit());
// The shim's types ask for TLS files; its server does without them on loopback.
await Shim.server(chaincode, { ccid: id, address } as ChaincodeServerOpts).start();
process.send?.({ type: 'ready' });
