import { z } from 'zod';

/** Name of an affiliation: parts with dots between them, as `department1.team2`. Fabric CA reads them in lower case. */
const affiliation = z.string().regex(/^[a-z0-9_-]+(\.[a-z0-9_-]+)*$/, 'must be an affiliation in lower case');

const settings = z.strictObject({
  /** Servers that run an organisation's authority in production, behind a proxy and on one database. */
  servers: z.int().min(1).max(16).optional(),
  /** Whether the organisation's TLS authority is served beside it. */
  tls: z.boolean().optional(),
  /** Affiliations that exist from the beginning; what is above them need not be named. */
  affiliations: z.array(affiliation).optional(),
});

/** The tree of certificate authorities: a root that is offline, and below it one authority an organisation. */
export const certificateAuthorities = settings.extend({
  root: z
    .strictObject({
      commonName: z.string().min(1).max(64).optional(),
      /** `keep` leaves its key in `root/`, which no server reads, for organisations that come later; `discard` throws it away. */
      key: z.enum(['keep', 'discard']).optional(),
    })
    .optional(),
  /** What an organisation has otherwise, by MSP id. */
  organizations: z.record(z.string(), settings).optional(),
});
export type CertificateAuthorities = z.infer<typeof certificateAuthorities>;

/** An organisation's authority, every default filled in. */
export interface AuthorityPlan {
  readonly mspId: string;
  readonly domain: string;
  /** Of the authority, by which clients ask for it: `ca.DOMAIN`. */
  readonly name: string;
  /** Of the authority for TLS, where it is served: `tlsca.DOMAIN`. */
  readonly tlsName?: string;
  readonly servers: number;
  readonly affiliations: readonly string[];
}

interface Member {
  readonly mspId: string;
  readonly domain: string;
}

interface Described {
  readonly organizations: readonly Member[];
  readonly orderer: Member;
  readonly certificateAuthorities?: CertificateAuthorities | undefined;
}

/** Name under which an organisation's authority is asked for, and the name in its certificate. */
export const authorityName = (domain: string): string => `ca.${domain}`;
export const tlsAuthorityName = (domain: string): string => `tlsca.${domain}`;

/** The authorities that a network serves, the orderer's last; none if its description has no section for them. */
export function authoritiesOf(description: Described): readonly AuthorityPlan[] {
  const { organizations, orderer, certificateAuthorities: section } = description;
  if (section === undefined) return [];
  return [...organizations, orderer].map(({ mspId, domain }) => {
    const own = { ...section, ...section.organizations?.[mspId] };
    return {
      mspId,
      domain,
      name: authorityName(domain),
      ...(own.tls === true && { tlsName: tlsAuthorityName(domain) }),
      servers: own.servers ?? 2,
      affiliations: own.affiliations ?? [],
    };
  });
}
