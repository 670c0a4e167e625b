/** Every code that the router itself reports, with what it means to a client. Codes of subgraphs pass through unchanged. */
export const routerErrorCodes = {
  UNAUTHENTICATED: 'There is no access token, or it is not valid here.',
  UNAUTHORIZED_FIELD_OR_TYPE: 'The token does not allow this field, or values of its type.',
  STEP_UP_REQUIRED:
    'Come back with a token of a sign-in as `acrValues` and `maxAge` (seconds) in the extensions ask for (RFC 9470).',
  TOKEN_EXPIRED: 'The access token has run out; come back with a fresh one, a stream after its cursor.',
  IDENTITY_UNAVAILABLE: 'Access tokens cannot be verified at the moment; try again.',
  FORBIDDEN: 'This is for operators alone.',
  ORIGIN_NOT_ALLOWED: 'Pages of this web origin may not use the graph.',
  MALFORMED_REQUEST: 'The request is no GraphQL request: JSON, a parameter or its type is wrong.',
  BATCHING_NOT_SUPPORTED: 'A request holds one operation.',
  METHOD_NOT_ALLOWED: 'The method is none that is answered here; the header Allow names those that are.',
  NOT_ACCEPTABLE: 'The client accepts no media type that the router can answer with.',
  BODY_TOO_LARGE: 'The body is longer than the router takes.',
  UNSUPPORTED_MEDIA_TYPE: 'The body is not JSON in UTF-8.',
  NOT_FOUND: 'Nothing is served at this path.',
  GRAPHQL_PARSE_FAILED: 'The document is not GraphQL.',
  GRAPHQL_VALIDATION_FAILED: 'The document does not fit the graph.',
  OPERATION_RESOLUTION_FAILURE:
    'The document has no operation of that name, or several and no name was given.',
  BAD_USER_INPUT: 'A variable is not what it must be.',
  INTROSPECTION_DISABLED: 'The schema may not be asked for here.',
  QUERY_TOO_MANY_TOKENS: 'The document is longer than the router takes.',
  QUERY_TOO_DEEP: 'The operation goes deeper than the router does.',
  QUERY_TOO_COSTLY: 'The operation asks for more objects than the router fetches.',
  QUERY_TOO_MANY_ALIASES: 'The operation has more aliases than the router takes.',
  QUERY_TOO_MANY_DIRECTIVES: 'The operation has more directives than the router takes.',
  QUERY_TOO_MANY_FIELDS: 'The operation has more fields than the router takes.',
  QUERY_TOO_MANY_ROOT_FIELDS: 'The operation has more root fields than the router takes.',
  VARIABLES_TOO_LARGE: 'The variables are larger than the router takes.',
  RATE_LIMITED:
    'The client asks for more than it may; it waits for `retryAfter` seconds (extensions, header).',
  PERSISTED_QUERY_NOT_FOUND: 'The hash is not known; send the text along.',
  PERSISTED_QUERY_NOT_SUPPORTED: 'Persisted queries are switched off; send the text.',
  PERSISTED_QUERY_MISMATCH: 'The hash is not that of the text.',
  DOCUMENT_NOT_TRUSTED: 'Only documents of the allow-list are executed here, and this is none.',
  OPERATION_TIMEOUT: 'The operation took longer than its deadline.',
  SUBGRAPH_UNAVAILABLE:
    'A subgraph did not answer; the rest of the answer is given. A stream ends with it when its subgraph stays away.',
  SUBGRAPH_TIMEOUT: 'A subgraph did not answer in time; the rest of the answer is given.',
  SUBGRAPH_BAD_RESPONSE: 'A subgraph answered something that does not fit; the rest of the answer is given.',
  TOO_MANY_SUBSCRIPTIONS:
    'More subscriptions are open on the connection, by the person or on the router than allowed.',
  SLOW_CONSUMER: 'The client took its events too slowly and was cut; it comes back after the cursor.',
  SCHEMA_CHANGED: 'The graph has changed and the operation does not fit it any more.',
  STREAM_NOT_FOUND: 'No stream of this name is open here; subscribe again after the last cursor.',
  RENEWAL_REFUSED:
    'A token renews only what the same person with the same rights has open, signed in no less surely.',
  SUPERGRAPH_REFUSED: 'The supergraph that was offered cannot be served; the present one serves on.',
  NO_PREVIOUS_GRAPH: 'There is no earlier supergraph to go back to.',
  SHUTTING_DOWN:
    'The router stops; come back in a moment, here or to another one, a stream after its cursor.',
  PLANNER_UNAVAILABLE:
    'The query planner has no binary for the platform of the router; said in its log, never to clients.',
  INTERNAL_SERVER_ERROR:
    'The router or a subgraph failed in a way that nobody foresaw; the log has it under the request id.',
} as const;

export type RouterErrorCode = keyof typeof routerErrorCodes;
