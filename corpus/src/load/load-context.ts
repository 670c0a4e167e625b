import { type EnvelopeService, type Recipient } from '@medigraph/platform/envelope';
import { type KeyCustody } from '@medigraph/platform/identity';
import { type LimitFunction } from 'p-limit';
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
  /** Lets few batches be sealed at once, so that the first reach the ledger while the next are sealed. */
  readonly sealing: LimitFunction;
  readonly signal: AbortSignal | undefined;
}
