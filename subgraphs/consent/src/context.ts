import { findAll, RequestContext, type RequestParts } from '@medigraph/platform/graph';
import DataLoader from 'dataloader';
import {
  type Principal,
  principalsOf,
  visibleConsents,
  visibleEmergencies,
  visibleOpenings,
} from './policy.js';
import {
  type ConsentBook,
  type ConsentDocument,
  type EmergencyDocument,
  type OpeningDocument,
} from './read-model.js';

interface Loaders {
  /** Consents that the caller may see. */
  readonly consents: DataLoader<string, ConsentDocument | undefined>;
  /** Openings that the caller may see. */
  readonly openings: DataLoader<string, OpeningDocument | undefined>;
  /** Emergency accesses that the caller may see. */
  readonly emergencies: DataLoader<string, EmergencyDocument | undefined>;
}

/** A request of the consent subgraph. */
export class ConsentContext extends RequestContext<Loaders> {
  readonly book: ConsentBook;

  constructor(parts: RequestParts, book: ConsentBook) {
    super(parts);
    this.book = book;
  }

  /** Who asks for resources of a type, as far as the scopes of their token go, and in whose name they may decide. */
  async principal(resourceType: 'Consent' | 'AuditEvent'): Promise<Principal> {
    const viewer = await this.viewerOf(resourceType);
    const principals = viewer.patient === undefined ? [] : await principalsOf(this, viewer.patient);
    return { ...viewer, principals };
  }

  protected override createLoaders(): Loaders {
    return {
      consents: new DataLoader(async (ids) => {
        const filter = visibleConsents(await this.principal('Consent'));
        return filter ? findAll(this.book.consents, ids, filter) : ids.map(() => undefined);
      }),
      openings: new DataLoader(async (ids) => {
        const filter = visibleOpenings(await this.principal('AuditEvent'));
        return filter ? findAll(this.book.openings, ids, filter) : ids.map(() => undefined);
      }),
      emergencies: new DataLoader(async (ids) => {
        const filter = visibleEmergencies(await this.principal('AuditEvent'));
        return filter ? findAll(this.book.emergencies, ids, filter) : ids.map(() => undefined);
      }),
    };
  }
}
