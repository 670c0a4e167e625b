// First of all: it silences the shim, which the modules below load.
import '@medigraph/chaincode-lib/quiet';
import { consentCheck } from './consent-check.js';

/** A process of its own: the shim brings Fabric's messages along once more, and they do not share a process with a client's. */
const [grants = '', operations = ''] = process.argv.slice(2);
process.send?.(await consentCheck(Number(grants), { operations: Number(operations), milliseconds: 5_000 }));
