/** What the provider tells its operator; one line each, without passwords, codes or tokens. */
export interface Log {
  info(event: string, details?: Record<string, unknown>): void;
  warn(event: string, details?: Record<string, unknown>): void;
}

/** JSON lines on standard error. */
export const jsonLog: Log = {
  info: (event, details) => write('info', event, details),
  warn: (event, details) => write('warn', event, details),
};

export const silentLog: Log = { info: () => undefined, warn: () => undefined };

function write(level: string, event: string, details: Record<string, unknown> = {}): void {
  process.stderr.write(
    `${JSON.stringify({ time: new Date().toISOString(), level, part: 'identity', event, ...details })}\n`,
  );
}
