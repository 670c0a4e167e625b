import { type ContractBench } from '@medigraph/chaincode-lib/testing';
import { z } from 'zod';

const schema = z.record(z.string(), z.unknown());

/** The part of Fabric's contract metadata that the graph is made of. */
const contractMetadata = z.object({
  contracts: z.record(
    z.string(),
    z.object({
      name: z.string(),
      info: z.object({ title: z.string().optional(), description: z.string().optional() }).optional(),
      transactions: z.array(
        z.object({
          name: z.string(),
          description: z.string().optional(),
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

/** Fabric's own contract, which every chaincode has. */
const systemContract = 'org.hyperledger.fabric';

/** What the contracts of a bench say of themselves, without Fabric's own. */
export async function readMetadata(bench: ContractBench): Promise<ContractMetadata> {
  const reader = await bench.enrol('ReaderMSP', 'reader');
  const metadata = contractMetadata.parse(await bench.evaluate(reader, `${systemContract}:GetMetadata`));
  const own = Object.entries(metadata.contracts).filter(([name]) => name !== systemContract);
  return { ...metadata, contracts: Object.fromEntries(own) };
}
