import { findAll, RequestContext, type RequestParts } from '@medigraph/platform/graph';
import DataLoader from 'dataloader';
import { visibleConsents, visibleOpenings } from './policy.js';
import { type ConsentBook, type ConsentDocument, type OpeningDocument } from './read-model.js';

interface Loaders {
  /** Consents that the caller may see. */
  readonly consents: DataLoader<string, ConsentDocument | undefined>;
  /** Openings that the caller may see. */
  readonly openings: DataLoader<string, OpeningDocument | undefined>;
}

/** A request of the consent subgraph. */
export class ConsentContext extends RequestContext<Loaders> {
  readonly book: ConsentBook;

  constructor(parts: RequestParts, book: ConsentBook) {
    super(parts);
    this.book = book;
  }

  protected override createLoaders(): Loaders {
    return {
      consents: new DataLoader(async (ids) => {
        const filter = visibleConsents(await this.viewerOf('Consent'));
        return filter ? findAll(this.book.consents, ids, filter) : ids.map(() => undefined);
      }),
      openings: new DataLoader(async (ids) => {
        const filter = visibleOpenings(await this.viewerOf('AuditEvent'));
        return filter ? findAll(this.book.openings, ids, filter) : ids.map(() => undefined);
      }),
    };
  }
}
