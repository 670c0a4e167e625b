import { type QueryPlanner } from '@graphql-hive/router-query-planner';
import { PlannerUnavailableError } from '../errors.js';

type QueryPlannerClass = new (supergraph: string) => QueryPlanner;

// The package loads its binary while it is imported, and throws where it has none: that must not keep the router from starting.
const loaded: { readonly planner?: QueryPlannerClass; readonly failure?: unknown } =
  await import('@graphql-hive/router-query-planner').then(
    ({ QueryPlanner: planner }) => ({ planner }),
    (failure: unknown) => ({ failure }),
  );

/** Operating system, processor and, on Linux, C library: what a binary is built for. */
export function platformName(): string {
  const { platform, arch } = process;
  return platform === 'linux' ? `linux-${arch}-${usesGlibc() ? 'gnu' : 'musl'}` : `${platform}-${arch}`;
}

function usesGlibc(): boolean {
  // Otherwise the report looks up names of everything that the process is connected to.
  Object.assign(process.report, { excludeNetwork: true });
  const { header } = process.report.getReport() as { header?: { glibcVersionRuntime?: string } };
  return header?.glibcVersionRuntime !== undefined;
}

/** The Rust query planner. @throws {@link PlannerUnavailableError} where its package has no binary for the platform */
export function nativePlanner(): QueryPlannerClass {
  if (!loaded.planner) throw new PlannerUnavailableError(platformName(), { cause: loaded.failure });
  return loaded.planner;
}
