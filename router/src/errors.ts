import { PlatformError } from '@medigraph/platform/errors';
import { GraphQLError } from 'graphql';

/** Root of the ways in which the router refuses or fails: each has a stable code and an HTTP status of its own. */
export abstract class RouterError extends PlatformError {
  /** Status of an HTTP answer that says nothing but this error. */
  abstract readonly status: number;

  /**
   * True where the failure is the document's (syntax, validation, variables): clients that accept only the older
   * `application/json` are then answered 200, as the GraphQL-over-HTTP specification asks.
   */
  readonly inDocument: boolean = false;

  /** Headers of an HTTP answer that says nothing but this error. */
  get headers(): Readonly<Record<string, string>> {
    if (this.status === 401) return { 'www-authenticate': 'Bearer realm="medigraph"' };
    if (this.status === 503) return { 'retry-after': '1' };
    return {};
  }

  /** What clients see of it. */
  toGraphQLErrors(): readonly GraphQLError[] {
    return [new GraphQLError(this.message, { extensions: { code: this.code } })];
  }
}

/** The request has no token, or one that is forged, malformed or not for this platform. */
export class UnauthenticatedError extends RouterError {
  readonly status = 401;
  constructor(
    message = 'An access token is needed: send "Authorization: Bearer <token>".',
    options?: ErrorOptions,
  ) {
    super('UNAUTHENTICATED', message, options);
  }
}

/** The token does not carry what a field or type asks for. */
export class UnauthorizedFieldError extends RouterError {
  readonly status = 403;

  /** @param scopes that would do, if scopes are what is missing. */
  constructor(readonly scopes?: readonly string[]) {
    const needed = scopes?.length ? ` It needs ${scopes.map((scope) => `"${scope}"`).join(', ')}.` : '';
    super('UNAUTHORIZED_FIELD_OR_TYPE', `Your token does not allow this.${needed}`);
  }

  override get headers(): Readonly<Record<string, string>> {
    const scope = this.scopes?.join(' ');
    const challenge = 'Bearer realm="medigraph", error="insufficient_scope"';
    return scope ? { 'www-authenticate': `${challenge}, scope=${quoted(scope)}` } : {};
  }
}

/** The caller must sign in more surely, or again (RFC 9470). */
export class StepUpRequiredError extends RouterError {
  readonly status = 401;
  readonly acrValues: readonly string[];
  readonly maxAge: number | undefined;

  /** @param options - what the fresh token must say: one of these classes, and a sign-in not longer ago, in seconds. */
  constructor({ acrValues, maxAge }: Readonly<{ acrValues: readonly string[]; maxAge?: number }>) {
    super('STEP_UP_REQUIRED', 'Sign in more surely, or again: come back with a token that says so.');
    this.acrValues = acrValues;
    this.maxAge = maxAge;
  }

  override get headers(): Readonly<Record<string, string>> {
    const parameters = [
      'realm="medigraph"',
      'error="insufficient_user_authentication"',
      `error_description=${quoted(this.message)}`,
      `acr_values=${quoted(this.acrValues.join(' '))}`,
      ...(this.maxAge === undefined ? [] : [`max_age=${quoted(String(this.maxAge))}`]),
    ];
    return { 'www-authenticate': `Bearer ${parameters.join(', ')}` };
  }

  override toGraphQLErrors(): readonly GraphQLError[] {
    const { code, acrValues, maxAge } = this;
    return [new GraphQLError(this.message, { extensions: { code, acrValues, maxAge } })];
  }
}

/** The token was good once; a fresh one is needed. Also ends subscriptions that outlive their token. */
export class TokenExpiredError extends RouterError {
  readonly status = 401;
  constructor(options?: ErrorOptions) {
    super('TOKEN_EXPIRED', 'The access token has expired: come back with a fresh one.', options);
  }
}

/** Tokens cannot be verified because their issuer's keys cannot be had. */
export class KeysUnavailableError extends RouterError {
  readonly status = 503;
  constructor(options?: ErrorOptions) {
    super(
      'IDENTITY_UNAVAILABLE',
      'Access tokens cannot be verified at the moment: try again later.',
      options,
    );
  }
}

/** A page of a foreign origin tried to use the graph. */
export class OriginRefusedError extends RouterError {
  readonly status = 403;
  constructor() {
    super('ORIGIN_NOT_ALLOWED', 'Requests from this web origin are not allowed.');
  }
}

/** The HTTP request is not a GraphQL request: malformed JSON, a parameter of the wrong type, a missing query. */
export class MalformedRequestError extends RouterError {
  readonly status = 400;
  constructor(message: string, options?: ErrorOptions) {
    super('MALFORMED_REQUEST', message, options);
  }
}

/** A list of operations came in one request. */
export class BatchingNotSupportedError extends RouterError {
  readonly status = 400;
  constructor() {
    super('BATCHING_NOT_SUPPORTED', 'Send one operation in a request: batching is not supported.');
  }
}

/** The method is not one the path answers to, or a GET asked for something other than a query. */
export class MethodNotAllowedError extends RouterError {
  readonly status = 405;
  constructor(
    message: string,
    /** Value of the `Allow` header. */
    readonly allow: string,
  ) {
    super('METHOD_NOT_ALLOWED', message);
  }

  override get headers(): Readonly<Record<string, string>> {
    return { allow: this.allow };
  }
}

/** The client accepts none of the media types that the router can answer with. */
export class NotAcceptableError extends RouterError {
  readonly status = 406;
  constructor() {
    super(
      'NOT_ACCEPTABLE',
      'Accept application/graphql-response+json or application/json; for subscriptions, text/event-stream.',
    );
  }
}

/** The body is longer than the configured bound. */
export class BodyTooLargeError extends RouterError {
  readonly status = 413;
  constructor(limitBytes: number) {
    super('BODY_TOO_LARGE', `The request body is longer than ${limitBytes} bytes.`);
  }
}

/** The body is not JSON by its media type. */
export class UnsupportedMediaTypeError extends RouterError {
  readonly status = 415;
  constructor() {
    super('UNSUPPORTED_MEDIA_TYPE', 'Send the body as application/json in UTF-8.');
  }
}

/** Nothing is served at the path. */
export class NotFoundError extends RouterError {
  readonly status = 404;
  constructor() {
    super('NOT_FOUND', 'Nothing is served here; the graph is at /graphql.');
  }
}

/** GraphQL's own refusals of a document: syntax, validation, choice of operation, variables. */
export class DocumentError extends RouterError {
  readonly status = 400;
  override readonly inDocument = true;

  constructor(
    code:
      | 'GRAPHQL_PARSE_FAILED'
      | 'GRAPHQL_VALIDATION_FAILED'
      | 'OPERATION_RESOLUTION_FAILURE'
      | 'BAD_USER_INPUT'
      | 'INTROSPECTION_DISABLED',
    readonly errors: readonly GraphQLError[],
  ) {
    super(code, errors[0]?.message ?? code);
  }

  override toGraphQLErrors(): readonly GraphQLError[] {
    return this.errors.map(
      ({ message, nodes, source, positions }) =>
        new GraphQLError(message, { nodes, source, positions, extensions: { code: this.code } }),
    );
  }
}

/** Codes of the limits on what one operation may ask for. */
export type LimitCode =
  | 'QUERY_TOO_MANY_TOKENS'
  | 'QUERY_TOO_DEEP'
  | 'QUERY_TOO_COSTLY'
  | 'QUERY_TOO_MANY_ALIASES'
  | 'QUERY_TOO_MANY_DIRECTIVES'
  | 'QUERY_TOO_MANY_FIELDS'
  | 'QUERY_TOO_MANY_ROOT_FIELDS'
  | 'VARIABLES_TOO_LARGE';

/** An operation asks for more than the router grants; see `OperationLimits`. */
export class LimitExceededError extends RouterError {
  readonly status = 400;
  constructor(code: LimitCode, limit: number, what: string) {
    super(code, `The operation has more than ${limit} ${what}.`);
  }
}

/** The client asks for more within a time than it may. */
export class RateLimitedError extends RouterError {
  readonly status = 429;
  readonly #seconds: number;

  /** @param waitMs - after how long the client may ask again; infinite for what it may never ask at once. */
  constructor(waitMs: number) {
    const seconds = Number.isFinite(waitMs) ? Math.max(1, Math.ceil(waitMs / 1000)) : 0;
    const when = seconds > 0 ? `Ask again in ${seconds} s.` : 'Ask for less at once.';
    super('RATE_LIMITED', `You ask for more than you may. ${when}`);
    this.#seconds = seconds;
  }

  override get headers(): Readonly<Record<string, string>> {
    return this.#seconds > 0 ? { 'retry-after': String(this.#seconds) } : {};
  }

  override toGraphQLErrors(): readonly GraphQLError[] {
    const { code } = this;
    const retryAfter = this.#seconds > 0 ? { retryAfter: this.#seconds } : {};
    return [new GraphQLError(this.message, { extensions: { code, ...retryAfter } })];
  }
}

/** Automatic persisted queries: the hash is not known (any more); the client sends the text along. */
export class PersistedQueryNotFoundError extends RouterError {
  readonly status = 200;
  constructor() {
    super('PERSISTED_QUERY_NOT_FOUND', 'PersistedQueryNotFound');
  }
}

/** Automatic persisted queries are switched off; the client sends texts from now on. */
export class PersistedQueryNotSupportedError extends RouterError {
  readonly status = 200;
  constructor() {
    super('PERSISTED_QUERY_NOT_SUPPORTED', 'PersistedQueryNotSupported');
  }
}

/** The hash that came with a text is not the text's. */
export class PersistedQueryMismatchError extends RouterError {
  readonly status = 400;
  constructor() {
    super('PERSISTED_QUERY_MISMATCH', 'The SHA-256 hash given is not that of the query given.');
  }
}

/** Only documents of the allow-list are executed, and this is none of them. */
export class UntrustedDocumentError extends RouterError {
  readonly status = 400;
  constructor() {
    super('DOCUMENT_NOT_TRUSTED', 'Only documents of the allow-list are executed here.');
  }
}

/** More subscriptions are open, or streams from subgraphs are needed for them, than allowed. */
export class TooManySubscriptionsError extends RouterError {
  readonly status = 429;
  constructor(limit: number, what = 'operations may be open on one connection') {
    super('TOO_MANY_SUBSCRIPTIONS', `At most ${limit} ${what}.`);
  }
}

/** The consumer of a stream was too slow; it may come back with the cursor of the last event it has. */
export class SlowConsumerError extends RouterError {
  readonly status = 503;
  constructor(buffered: string) {
    super(
      'SLOW_CONSUMER',
      `More than ${buffered} were waiting: subscribe again after the last cursor received.`,
    );
  }
}

/** A subgraph ended a subscription, or never began it, for reasons of its own. */
export class StreamRefusedError extends RouterError {
  readonly status = 502;
  constructor(readonly errors: readonly GraphQLError[]) {
    super(
      codeOf(errors[0]) ?? 'INTERNAL_SERVER_ERROR',
      errors[0]?.message ?? 'The subgraph ended the stream.',
    );
  }

  override toGraphQLErrors(): readonly GraphQLError[] {
    return this.errors;
  }
}

/** The graph has changed, and the operation is not valid in it any more. */
export class SchemaChangedError extends RouterError {
  readonly status = 410;
  constructor() {
    super('SCHEMA_CHANGED', 'The graph has changed, and this operation is not valid in it any more.');
  }
}

/** No stream of that name is open here. */
export class StreamNotFoundError extends RouterError {
  readonly status = 404;
  constructor() {
    super('STREAM_NOT_FOUND', 'No stream of this name is open here: subscribe again after your last cursor.');
  }
}

/** The token that was to renew a stream or connection is another person's, or gives other rights. */
export class RenewalRefusedError extends RouterError {
  readonly status = 403;
  constructor() {
    super(
      'RENEWAL_REFUSED',
      'Only a token of the same person with the same rights renews; connect anew instead.',
    );
  }
}

/** The operator's part of the router is asked for by somebody who is no operator. */
export class OperatorOnlyError extends RouterError {
  readonly status = 403;
  constructor() {
    super('FORBIDDEN', 'This is for operators of the graph alone.');
  }
}

/** A supergraph was offered that the router cannot serve; it goes on with the one it has. */
export class SupergraphRefusedError extends RouterError {
  readonly status = 422;
  constructor(why: string, options?: ErrorOptions) {
    super('SUPERGRAPH_REFUSED', `The supergraph cannot be served: ${why}`, options);
  }
}

/** There is no earlier supergraph to go back to. */
export class NoPreviousGraphError extends RouterError {
  readonly status = 409;
  constructor() {
    super(
      'NO_PREVIOUS_GRAPH',
      'There is no earlier supergraph to go back to: this is the first one since the start.',
    );
  }
}

/** The operation took longer than its deadline. */
export class OperationTimeoutError extends RouterError {
  readonly status = 504;
  constructor(timeoutMs: number) {
    super('OPERATION_TIMEOUT', `The operation took longer than ${timeoutMs} ms.`);
  }
}

/** The router drains: nothing new is begun. Come back to another instance, or in a moment. */
export class ShuttingDownError extends RouterError {
  readonly status = 503;
  constructor() {
    super('SHUTTING_DOWN', 'The router is shutting down: try again in a moment.');
  }
}

/** The query planner is native code, and its package has none for the platform. Told at the start, and in the log. */
export class PlannerUnavailableError extends RouterError {
  readonly status = 503;
  constructor(platform: string, options?: ErrorOptions) {
    super(
      'PLANNER_UNAVAILABLE',
      `The query planner has no binary for ${platform}; it has them for Linux with glibc and for macOS, x64 and arm64.`,
      options,
    );
  }
}

/** Something failed that is nobody's business outside; the log has it, under the request's id. */
export class InternalError extends RouterError {
  readonly status = 500;
  constructor(options?: ErrorOptions) {
    super(
      'INTERNAL_SERVER_ERROR',
      'The router failed. The request id names the failure in its log.',
      options,
    );
  }
}

/** A subgraph could not be used; the rest of the answer is still given. */
export class SubgraphError extends RouterError {
  readonly status = 502;
  constructor(
    code: 'SUBGRAPH_UNAVAILABLE' | 'SUBGRAPH_TIMEOUT' | 'SUBGRAPH_BAD_RESPONSE',
    message: string,
    /** Name of the subgraph in the supergraph. */
    readonly subgraph: string,
    options?: ErrorOptions,
  ) {
    super(code, message, options);
  }

  override toGraphQLErrors(): readonly GraphQLError[] {
    return [new GraphQLError(this.message, { extensions: { code: this.code, subgraph: this.subgraph } })];
  }
}

/** A quoted string of an HTTP header; what could end it, or the header, is left out. */
function quoted(text: string): string {
  return `"${text.replace(/[^\x20-\x21\x23-\x5b\x5d-\x7e]/g, '')}"`;
}

function codeOf(error: GraphQLError | undefined): string | undefined {
  const code = error?.extensions.code;
  return typeof code === 'string' ? code : undefined;
}

/** The failure as one of the router's own; anything unforeseen becomes an {@link InternalError} that hides it. */
export function asRouterError(error: unknown): RouterError {
  return error instanceof RouterError ? error : new InternalError({ cause: error });
}
