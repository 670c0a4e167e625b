/** Root of every failure that the platform reports: one class a way of failing, one stable code each. */
export class PlatformError extends Error {
  /** Stable, upper-case; what clients branch on. Listed in docs/errors.md. */
  readonly code: string;
  /** What else a client of the graph learns, beside code and message, as GraphQL extensions. */
  readonly extensions?: Readonly<Record<string, unknown>>;

  constructor(code: string, message: string, options?: ErrorOptions) {
    super(message, options);
    this.name = new.target.name;
    this.code = code;
  }
}
