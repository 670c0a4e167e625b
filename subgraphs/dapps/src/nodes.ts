/** From documents to the graph's objects. */
import { platformVersion } from '@medigraph/platform/graph';
import { type DAppManifest } from '@medigraph/schema/dapps';
import { satisfies } from 'semver';
import {
  type DAppDocument,
  type InstallationDocument,
  type PublisherDocument,
  type RatingDocument,
  type ReleaseDocument,
} from './read-model.js';
import { scopeSentence } from './scope-words.js';
import {
  CheckReport,
  Consent,
  DApp,
  DAppGrant,
  DAppInstallation,
  DAppPrice,
  DAppRating,
  DAppRelease,
  DAppScope,
  DAppVote,
  Institution,
  Publisher,
} from './types.js';

export function institutionNode(id: string): Institution {
  return Object.assign(new Institution(), { id });
}

export function consentNode(id: string): Consent {
  return Object.assign(new Consent(), { id });
}

export function publisherOf({ _id, institution, mspId, ...publisher }: PublisherDocument): Publisher {
  return Object.assign(new Publisher(), publisher, {
    id: _id,
    institution: institutionNode(institution),
    organization: mspId,
  });
}

export function dappOf({ _id, manifest, ...document }: DAppDocument): DApp {
  const { name, summary, description, categories, keywords = [], license, homepage, ui, support } = manifest;
  const { status, deprecation, revocation, publisher, active } = document;
  return Object.assign(new DApp(), {
    id: _id,
    ...{ name, summary, description, categories, keywords, license, homepage },
    ...{ status, deprecation, revocation },
    price: Object.assign(new DAppPrice(), manifest.price),
    scopes: scopesOf(manifest),
    entry: ui?.entry,
    supportEmail: support.email,
    supportUrl: support.url,
    publisherId: publisher,
    activeVersion: active,
  });
}

function scopesOf({ scopes: { required, optional } }: DAppManifest): DAppScope[] {
  return [required, optional].flatMap((scopes) =>
    scopes.map((scope) =>
      Object.assign(new DAppScope(), scope, {
        required: scopes === required,
        description: scopeSentence(scope),
      }),
    ),
  );
}

export function releaseOf({ _id, dapp, reports, votes, ...release }: ReleaseDocument): DAppRelease {
  const { version, status, manifest, signature, publishedAt, reason, transaction } = release;
  return Object.assign(new DAppRelease(), {
    id: _id,
    ...{ version, status, manifest, signature, publishedAt, reason, transaction },
    package: release.package,
    scopes: scopesOf(manifest),
    reports: reports.map(({ mspId, ...report }) =>
      Object.assign(new CheckReport(), report, { organization: mspId }),
    ),
    votes: votes.map(({ mspId, ...vote }) => Object.assign(new DAppVote(), vote, { organization: mspId })),
    // A pre-release of the platform is to be tried with what asks for the release.
    compatible: satisfies(platformVersion, manifest.medigraph, { includePrerelease: true }),
    dappId: dapp,
  });
}

export function installationOf({ _id, dapp, grants, ...document }: InstallationDocument): DAppInstallation {
  const { holder, version, status, since, endedAt, transaction } = document;
  return Object.assign(new DAppInstallation(), {
    id: _id,
    ...{ holder, version, status, since, endedAt, transaction },
    grants: grants.map(({ scope, consent }) =>
      Object.assign(new DAppGrant(), {
        scope,
        consent: consent === undefined ? undefined : consentNode(consent),
      }),
    ),
    dappId: dapp,
  });
}

export function ratingOf({ stars, review, version, at }: RatingDocument): DAppRating {
  return Object.assign(new DAppRating(), { stars, review, version, at });
}
