import { z } from 'zod';

/** Most entries that one transaction may carry. */
export const maxBatch = 250;

/** A part of a list, and where the next one begins. */
export const page = <T extends z.ZodType>(item: T) =>
  z.strictObject({ items: z.array(item), bookmark: z.string().optional() });
