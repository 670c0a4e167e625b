import { type DAppBook } from './read-model.js';

/** How a DApp is taken up. */
export interface Statistics {
  /** That stand. */
  readonly installations: number;
  readonly ratings: number;
  /** Undefined while nobody has rated it. */
  readonly averageStars?: number;
}

/** Of a DApp that nobody has used yet. */
export const unused: Statistics = { installations: 0, ratings: 0 };

interface Counted {
  readonly _id: string;
  readonly count: number;
  readonly stars?: number;
}

/** Of DApps, in their order. */
export async function statisticsOf(
  { installations, ratings }: Pick<DAppBook, 'installations' | 'ratings'>,
  dapps: readonly string[],
): Promise<Statistics[]> {
  const [installed, rated] = await Promise.all([
    installations.aggregate<Counted>([
      { $match: { dapp: { $in: [...dapps] }, status: 'active' } },
      { $group: { _id: '$dapp', count: { $sum: 1 } } },
    ]),
    ratings.aggregate<Counted>([
      { $match: { dapp: { $in: [...dapps] } } },
      { $group: { _id: '$dapp', count: { $sum: 1 }, stars: { $avg: '$stars' } } },
    ]),
  ]);
  const [installedBy, ratedBy] = [installed, rated].map(
    (counted) => new Map(counted.map((one) => [one._id, one])),
  );
  return dapps.map((dapp) => ({
    installations: installedBy?.get(dapp)?.count ?? 0,
    ratings: ratedBy?.get(dapp)?.count ?? 0,
    averageStars: ratedBy?.get(dapp)?.stars,
  }));
}
