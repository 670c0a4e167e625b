import { type CaRequest } from './ca-request.js';

/** Something that can be asked of an authority. */
export interface Endpoint {
  /** Below `/api/v1/` and `/`; one that ends in `/` takes one more part, {@link CaRequest.variable}. */
  readonly path: string;
  /** What each method does; any other is refused with 405. */
  readonly methods: Readonly<Record<string, Operation>>;
}

export interface Operation {
  /** Status of the answer where it succeeds. */
  readonly status: number;
  readonly run: (request: CaRequest) => Promise<unknown>;
}

export const operation = (status: number, run: Operation['run']): Operation => ({ status, run });
