import { z } from 'zod';

const schema = z.record(z.string(), z.unknown());

/** Fabric's own contract, which every chaincode has. */
export const systemContract = 'org.hyperledger.fabric';

/** The part of Fabric's contract metadata that the graph is made of. */
export const contractMetadata = z.object({
  contracts: z.record(
    z.string(),
    z.object({
      name: z.string(),
      info: z.object({ title: z.string().optional(), description: z.string().optional() }).optional(),
      transactions: z.array(
        z.object({
          name: z.string(),
          description: z.string().optional(),
          deprecated: z.string().optional(),
          tag: z.array(z.string()).optional(),
          parameters: z
            .array(z.object({ name: z.string(), description: z.string().optional(), schema }))
            .optional(),
          returns: schema.optional(),
        }),
      ),
    }),
  ),
  components: z.object({ schemas: z.record(z.string(), schema).default({}) }).prefault({}),
});
export type ContractMetadata = z.infer<typeof contractMetadata>;

/** Metadata of the contracts of a DApp: without those of Fabric's own. @throws ZodError on what no contract answers. */
export function contractMetadataOf(answered: unknown): ContractMetadata {
  const metadata = contractMetadata.parse(answered);
  const own = Object.entries(metadata.contracts).filter(([name]) => name !== systemContract);
  return { ...metadata, contracts: Object.fromEntries(own) };
}
