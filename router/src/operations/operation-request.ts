import { z } from 'zod';
import { MalformedRequestError } from '../errors.js';

/** A GraphQL request as every transport brings it. */
export interface OperationRequest {
  readonly query?: string;
  readonly operationName?: string;
  readonly variables?: Readonly<Record<string, unknown>>;
  /** Names a persisted document, in place of `query`. */
  readonly documentId?: string;
  readonly extensions?: Readonly<Record<string, unknown>>;
}

const map = z.record(z.string(), z.unknown());
const absentAsNull = <T extends z.ZodType>(schema: T) =>
  schema.nullish().transform((value) => value ?? undefined);

const operationRequest = z.object({
  query: absentAsNull(z.string()),
  operationName: absentAsNull(z.string()),
  variables: absentAsNull(map),
  documentId: absentAsNull(z.string()),
  extensions: absentAsNull(map),
});

/** The parameters of a request, checked. @throws {@link MalformedRequestError} */
export function toOperationRequest(parameters: unknown): OperationRequest {
  const parsed = operationRequest.safeParse(parameters);
  if (parsed.success) return parsed.data;
  const [issue] = parsed.error.issues;
  const where = issue?.path.join('.');
  throw new MalformedRequestError(
    where
      ? `The parameter "${where}" has the wrong type.`
      : 'The request is not a map of GraphQL parameters.',
  );
}
