import { type EnvelopeService, type Recipient } from '@medigraph/platform/envelope';
import { type KeyCustody } from '@medigraph/platform/identity';
import { type PlannedInstitution } from './institutions.js';
import { type Suites } from './suites.js';

/** What every part of a load works with. */
export interface LoadContext {
  readonly suites: Suites;
  readonly custody: KeyCustody;
  readonly envelopes: EnvelopeService;
  /** By id. */
  readonly institutions: ReadonlyMap<string, PlannedInstitution>;
  /** Institution id to whom keys are wrapped for. */
  readonly recipients: ReadonlyMap<string, Recipient>;
  readonly signal: AbortSignal | undefined;
}

/** What must be there because the plan was made of it. */
export function required<T>(value: T | undefined, what: string): T {
  if (value === undefined) throw new Error(`the load has no ${what}`);
  return value;
}
