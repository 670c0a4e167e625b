import { parseArgs } from 'node:util';
import { ConfigurationError, LedgerError, reasonOf } from './errors.js';
import { startLedger } from './ledger.js';
import { jsonLog } from './log.js';
import { readLedgerNetwork } from './network.js';

const help = `Runs the embedded ledger: peers, gateways and orderer of a whole network in one process.

Usage: server.js --network FILE --data DIR [--chaincode LABEL=HOST:PORT …]

  --network FILE              network description (MEDIGRAPH_LEDGER_NETWORK)
  --data DIR                  folder for the ledgers (MEDIGRAPH_LEDGER_DATA)
  --chaincode LABEL=ADDRESS   address of the chaincode server of an installed package, by the package's label or id:
                              instead of the one in its connection.json
                              (MEDIGRAPH_LEDGER_CHAINCODES, separated by commas)
  --execute-timeout MS        time that a transaction may take in a chaincode, 30000
                              (MEDIGRAPH_LEDGER_EXECUTE_TIMEOUT)
  --verify                    check every block of every channel before serving
  --help                      print this

Once it serves, it says { "type": "ready", "peers": { MSPID: ADDRESS, … }, "orderer": ADDRESS, "nodes": { NAME: ADDRESS, … } }
to the process that forked it, or prints that as one line: "peers" has the first of each organisation, "nodes" every peer
and orderer. It stops on SIGTERM, SIGINT, or when that process goes away.
`;

function readOptions() {
  const { values } = parseArgs({
    options: {
      network: { type: 'string', default: process.env['MEDIGRAPH_LEDGER_NETWORK'] },
      data: { type: 'string', default: process.env['MEDIGRAPH_LEDGER_DATA'] },
      chaincode: { type: 'string', multiple: true },
      'execute-timeout': {
        type: 'string',
        default: process.env['MEDIGRAPH_LEDGER_EXECUTE_TIMEOUT'] ?? '30000',
      },
      verify: { type: 'boolean', default: false },
      help: { type: 'boolean', default: false },
    },
  });
  const chaincode = values.chaincode ?? process.env['MEDIGRAPH_LEDGER_CHAINCODES']?.split(',') ?? [];
  return { ...values, chaincode };
}

function chaincodesOf(pairs: readonly string[]): Record<string, string> {
  return Object.fromEntries(
    pairs.map((pair) => {
      const match = /^([^=]+)=(.+:\d+)$/.exec(pair.trim());
      if (match === null) throw new ConfigurationError(`--chaincode must be LABEL=HOST:PORT, not '${pair}'`);
      return [match[1] ?? '', match[2] ?? ''];
    }),
  );
}

async function run(): Promise<void> {
  const options = readOptions();
  if (options.help) {
    process.stdout.write(help);
    return;
  }
  const { network, data } = options;
  if (network === undefined || data === undefined)
    throw new ConfigurationError('--network and --data are needed');
  const executeTimeoutMs = Number(options['execute-timeout']);
  if (!(executeTimeoutMs > 0))
    throw new ConfigurationError(
      `--execute-timeout must be a number of milliseconds, not '${options['execute-timeout']}'`,
    );
  const ledger = await startLedger({
    network: await readLedgerNetwork(network),
    dataFolder: data,
    chaincodes: chaincodesOf(options.chaincode),
    executeTimeoutMs,
    log: jsonLog,
  });
  if (options.verify) {
    const broken = (await ledger.verify()).find((verification) => verification.broken !== undefined);
    if (broken?.broken !== undefined) {
      await ledger.close();
      throw new LedgerError(
        'LEDGER_CORRUPT',
        `channel ${broken.channel}, block ${broken.broken.block}: ${broken.broken.reason}`,
      );
    }
  }
  let stopping = false;
  const stop = () => {
    if (stopping) return;
    stopping = true;
    void ledger.close().then(() => process.exit(0));
  };
  process.on('SIGTERM', stop);
  process.on('SIGINT', stop);
  process.on('disconnect', stop);
  const ready = {
    type: 'ready',
    peers: ledger.peers,
    orderer: ledger.orderer,
    nodes: ledger.nodes,
    admin: ledger.admin,
  };
  if (process.send === undefined) process.stdout.write(`${JSON.stringify(ready)}\n`);
  else process.send(ready);
}

try {
  await run();
} catch (error) {
  const code = error instanceof LedgerError ? error.code : 'LEDGER_FAILED';
  process.stderr.write(`${code}: ${reasonOf(error)}\n`);
  process.exit(1);
}
