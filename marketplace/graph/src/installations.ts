import { type Viewer } from '@medigraph/platform/graph';

/** Who has which DApp. */
export interface Installations {
  /** Whether a person, or the institution that they act for, has the DApp installed now. */
  active(dapp: string, holder: Pick<Viewer, 'patient' | 'institution'>): Promise<boolean>;
}
