import { parseArgs } from 'node:util';
import { startCaServer } from './ca-server.js';
import { readCaDescription } from './description.js';
import { CaConfigurationError, CaError, reasonOf } from './errors.js';
import { jsonLog } from './log.js';

const help = `Runs the embedded certificate authorities of a whole network in one process.

Usage: server.js --description FILE --data DIR

  --description FILE   what the authorities are and where they listen (MEDIGRAPH_CA_DESCRIPTION)
  --data DIR           folder for identities and certificates (MEDIGRAPH_CA_DATA)
  --help               print this

Once it serves, it says { "type": "ready", "urls": { LISTENER: URL, … } } to the process that forked it, or prints that as
one line. It stops on SIGTERM, SIGINT, or when that process goes away.
`;

async function run(): Promise<void> {
  const { values } = parseArgs({
    options: {
      description: { type: 'string', default: process.env['MEDIGRAPH_CA_DESCRIPTION'] },
      data: { type: 'string', default: process.env['MEDIGRAPH_CA_DATA'] },
      help: { type: 'boolean', default: false },
    },
  });
  if (values.help) {
    process.stdout.write(help);
    return;
  }
  const { description, data } = values;
  if (description === undefined || data === undefined) {
    throw new CaConfigurationError('--description and --data are needed');
  }
  const server = await startCaServer({
    description: await readCaDescription(description),
    dataFolder: data,
    log: jsonLog,
  });
  let stopping = false;
  const stop = () => {
    if (stopping) return;
    stopping = true;
    void server.close().then(() => process.exit(0));
  };
  process.on('SIGTERM', stop);
  process.on('SIGINT', stop);
  process.on('disconnect', stop);
  const ready = { type: 'ready', urls: server.urls };
  if (process.send === undefined) process.stdout.write(`${JSON.stringify(ready)}\n`);
  else process.send(ready);
}

try {
  await run();
} catch (error) {
  const code = error instanceof CaError ? error.code : 'CA_FAILED';
  process.stderr.write(`${code}: ${reasonOf(error)}\n`);
  process.exit(1);
}
