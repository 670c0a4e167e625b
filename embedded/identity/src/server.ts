import { readFile } from 'node:fs/promises';
import { parseArgs } from 'node:util';
import { IdentityConfigurationError, IdentityError, reasonOf } from './errors.js';
import { startIdentityServer } from './identity-server.js';
import { jsonLog } from './log.js';

const help = `Runs the embedded OpenID Connect provider.

Usage: server.js --data DIR [--port PORT] [--host HOST] [--issuer URL]

  --data DIR     folder for accounts, clients, sessions and keys (MEDIGRAPH_IDENTITY_DATA)
  --port PORT    port to listen on; a free one by default (MEDIGRAPH_IDENTITY_PORT)
  --host HOST    address to listen on; 127.0.0.1 by default (MEDIGRAPH_IDENTITY_HOST)
  --issuer URL   address that people know it by; http://localhost:PORT by default (MEDIGRAPH_IDENTITY_ISSUER)
  --help         print this

MEDIGRAPH_IDENTITY_KEY, or the file that MEDIGRAPH_IDENTITY_KEY_FILE names, has 32 bytes in hex: what is kept is sealed
with it. MEDIGRAPH_IDENTITY_ADMINISTRATION, or the file that MEDIGRAPH_IDENTITY_ADMINISTRATION_FILE names, is a bearer secret
that opens the administration, beside the one that is made of the key. MEDIGRAPH_TOKEN_AUDIENCE is the audience of access
tokens, "medigraph" by default. MEDIGRAPH_IDENTITY_PROXY=1 says that a proxy stands in front, ends TLS, and names in
X-Forwarded-For whom it speaks for.

Once it serves, it says { "type": "ready", "issuer": …, "port": … } to the process that forked it, or prints that as one
line. It stops on SIGTERM, SIGINT, or when that process goes away.
`;

/** What a variable has, or the file that `VARIABLE_FILE` names. */
async function secretIn(env: NodeJS.ProcessEnv, variable: string): Promise<string | undefined> {
  const file = env[`${variable}_FILE`];
  return file ? (await readFile(file, 'utf8')).trim() : env[variable];
}

async function keyOf(env: NodeJS.ProcessEnv): Promise<string> {
  const key = await secretIn(env, 'MEDIGRAPH_IDENTITY_KEY');
  if (!key) throw new IdentityConfigurationError('MEDIGRAPH_IDENTITY_KEY is needed');
  return key;
}

function portOf(text: string | undefined): number {
  const port = Number(text ?? 0);
  if (!Number.isInteger(port) || port < 0 || port > 65_535)
    throw new IdentityConfigurationError('--port must be a number up to 65535');
  return port;
}

async function run(env: NodeJS.ProcessEnv): Promise<void> {
  const { values } = parseArgs({
    options: {
      data: { type: 'string', default: env['MEDIGRAPH_IDENTITY_DATA'] },
      port: { type: 'string', default: env['MEDIGRAPH_IDENTITY_PORT'] },
      host: { type: 'string', default: env['MEDIGRAPH_IDENTITY_HOST'] },
      issuer: { type: 'string', default: env['MEDIGRAPH_IDENTITY_ISSUER'] },
      help: { type: 'boolean', default: false },
    },
  });
  if (values.help) {
    process.stdout.write(help);
    return;
  }
  if (values.data === undefined) throw new IdentityConfigurationError('--data is needed');
  const server = await startIdentityServer({
    dataFolder: values.data,
    key: await keyOf(env),
    administration: await secretIn(env, 'MEDIGRAPH_IDENTITY_ADMINISTRATION'),
    host: values.host,
    port: portOf(values.port),
    issuer: values.issuer,
    audience: env['MEDIGRAPH_TOKEN_AUDIENCE'],
    behindProxy: env['MEDIGRAPH_IDENTITY_PROXY'] === '1',
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
  const ready = { type: 'ready', issuer: server.issuer, port: server.port };
  if (process.send === undefined) process.stdout.write(`${JSON.stringify(ready)}\n`);
  else process.send(ready);
}

try {
  await run(process.env);
} catch (error) {
  const code = error instanceof IdentityError ? error.code : 'IDENTITY_FAILED';
  process.stderr.write(`${code}: ${reasonOf(error)}\n`);
  process.exit(1);
}
