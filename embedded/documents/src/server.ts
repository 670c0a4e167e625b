import { parseArgs } from 'node:util';
import { startDocuments, type DocumentsServer } from './documents-server.js';

const USAGE = `Usage: node server.js --data DIR [--port PORT] [--host HOST]

Serves MongoDB's wire protocol from documents kept in DIR.

  --data DIR    directory of the data (or DOCUMENTS_DATA_DIR)
  --port PORT   port to listen on; a free one by default (or DOCUMENTS_PORT)
  --host HOST   address to listen on; 127.0.0.1 by default (or DOCUMENTS_HOST)
  --help        print this

Says { "type": "ready", "uri": … } over IPC where it was forked, else as one line on standard output.
Stops on SIGTERM, SIGINT, or when the process that forked it is gone.
`;

interface Settings {
  readonly dataDir: string;
  readonly host: string;
  readonly port: number;
}

/** Settings from arguments, then the environment; undefined where help is wanted. */
function readSettings(args: readonly string[], env: NodeJS.ProcessEnv): Settings | undefined {
  const { values } = parseArgs({
    args: [...args],
    options: {
      data: { type: 'string' },
      port: { type: 'string' },
      host: { type: 'string' },
      help: { type: 'boolean' },
    },
  });
  if (values.help) return undefined;
  const dataDir = values.data ?? env.DOCUMENTS_DATA_DIR;
  if (!dataDir) throw new Error('--data DIR is needed (see --help)');
  const port = Number(values.port ?? env.DOCUMENTS_PORT ?? 0);
  if (!Number.isInteger(port) || port < 0 || port > 65_535)
    throw new Error('--port must be a number up to 65535');
  return { dataDir, host: values.host ?? env.DOCUMENTS_HOST ?? '127.0.0.1', port };
}

function announce({ uri }: DocumentsServer): void {
  const ready = { type: 'ready', uri };
  if (process.send) process.send(ready);
  else process.stdout.write(`${JSON.stringify(ready)}\n`);
}

async function main(): Promise<void> {
  const settings = readSettings(process.argv.slice(2), process.env);
  if (!settings) {
    process.stdout.write(USAGE);
    return;
  }
  const server = await startDocuments(settings);
  const stop = (): void => {
    void server.close().then(() => process.exit(0));
  };
  for (const event of ['SIGTERM', 'SIGINT', 'disconnect']) process.once(event, stop);
  announce(server);
}

main().catch((error: unknown) => {
  process.stderr.write(`embedded documents: ${error instanceof Error ? error.message : String(error)}\n`);
  process.exit(1);
});
