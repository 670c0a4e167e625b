import { pino, type DestinationStream, type Logger } from 'pino';

export type { Logger } from 'pino';

export const logLevels = ['fatal', 'error', 'warn', 'info', 'debug', 'trace', 'silent'] as const;
export type LogLevel = (typeof logLevels)[number];

// Whatever could carry a credential, a private key or a person's data, wherever callers put it in a log object.
const secretFields = [
  'authorization',
  'cookie',
  'token',
  'accessToken',
  'privateKey',
  'masterKey',
  'passphrase',
  'password',
  'key',
  'keys',
  'contentKey',
  'plaintext',
  'body',
  'argument',
  'variables',
];

/** JSON lines on standard error (or `destination`), with secrets and people's data cut out. */
export function createLogger(options: {
  readonly name: string;
  readonly level?: LogLevel;
  readonly destination?: DestinationStream;
}): Logger {
  return pino(
    {
      name: options.name,
      level: options.level ?? 'info',
      redact: {
        paths: secretFields.flatMap((field) => [field, `*.${field}`, `*.*.${field}`]),
        censor: '[redacted]',
      },
    },
    options.destination ?? pino.destination({ fd: 2, sync: false }),
  );
}

/** For callers that pass no logger. */
export const silentLogger: Logger = pino({ level: 'silent' });
