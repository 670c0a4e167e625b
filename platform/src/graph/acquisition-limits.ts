/** How much may be brought in, by whom and at once. */
import { type Configuration } from '../config/index.js';

export interface AcquisitionLimits {
  /** Resources that one device or program may contribute about one patient in a minute, at once or spread over it. */
  readonly contributionsPerMinute: number;
  /** Bytes of JSON of one resource of a record. */
  readonly resourceBytes: number;
  /** Bytes of one import that is sent over HTTP, unpacked. */
  readonly importBytes: number;
  /** Imports over HTTP that one subgraph takes at the same time. */
  readonly importsAtOnce: number;
  /** Bytes of one file. */
  readonly fileBytes: number;
  /** Bytes of all files of one person together. */
  readonly personFileBytes: number;
  /** Bytes of the package of one version of a DApp. */
  readonly packageBytes: number;
  /** Bytes of all packages together that are sent in the place of one institution. */
  readonly publisherPackageBytes: number;
}

export const defaultAcquisitionLimits: AcquisitionLimits = {
  contributionsPerMinute: 1_200,
  resourceBytes: 20_000_000,
  importBytes: 20_000_000_000,
  importsAtOnce: 8,
  // A scan with a gigabyte of images, and as much again.
  fileBytes: 2_000_000_000,
  personFileBytes: 4_000_000_000,
  packageBytes: 50_000_000,
  publisherPackageBytes: 5_000_000_000,
};

/** As the settings say. */
export function acquisitionLimitsOf({
  contributionsPerMinute,
  resourceBytes,
  importBytes,
  importsAtOnce,
  fileBytes,
  personFileBytes,
  packageBytes,
  publisherPackageBytes,
}: Configuration): AcquisitionLimits {
  return {
    contributionsPerMinute,
    resourceBytes,
    importBytes,
    importsAtOnce,
    fileBytes,
    personFileBytes,
    packageBytes,
    publisherPackageBytes,
  };
}
