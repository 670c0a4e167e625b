/** What a version would break of what clients send. */
import { breakingChanges, type BrokenOperation, type SentOperation } from '@medigraph/dapp-graph';
import { type registry } from '@medigraph/schema';
import { clientSchema } from '@medigraph/schema/composition';
import { buildSchema } from 'graphql';

type Finding = registry.Finding;

/** Where it is known what clients really send. */
export interface OperationSource {
  /** Operations of the last days, as routers told of them. */
  operations(): Promise<readonly SentOperation[]>;
}

/** @see clientFindings */
export interface ChangedGraph {
  /** The subgraphs that run, by name. */
  readonly live: ReadonlyMap<string, string>;
  /** Those that would. */
  readonly next: ReadonlyMap<string, string>;
  readonly used: readonly SentOperation[];
  /** Whether operations that clients really send may be broken. */
  readonly mayBreak: boolean;
}

/** Changes of which a report tells; a version that takes everything away is refused, if at all, for what is used. */
const mostChanges = 50;

/**
 * An error for everything that clients really use and would not find as it was, or a warning where that may be; a note for every change
 * that could break somebody and breaks nobody.
 */
export function clientFindings({ live, next, used, mayBreak }: ChangedGraph): Finding[] {
  const { changes, operations } = breakingChanges(
    buildSchema(clientSchema(live)),
    buildSchema(clientSchema(next)),
    used,
  );
  const notes = changes.slice(0, mostChanges).map((change): Finding => ({
    check: 'clients',
    severity: 'note',
    code: 'GRAPH_CHANGED',
    message: operations.length > 0 ? change : `${change} No client has sent what needs it in the last days.`,
  }));
  const broken = [...byCause(operations).values()].map((uses) => brokenFinding(uses, mayBreak));
  return [...broken, ...notes];
}

/** Operations by what they would not find. */
function byCause(
  operations: readonly BrokenOperation[],
): Map<string, [BrokenOperation, ...BrokenOperation[]]> {
  const causes = new Map<string, [BrokenOperation, ...BrokenOperation[]]>();
  for (const operation of operations) {
    const cause = `${operation.coordinate ?? ''} ${operation.reason}`;
    const others = causes.get(cause);
    if (others) others.push(operation);
    else causes.set(cause, [operation]);
  }
  return causes;
}

function brokenFinding(uses: readonly [BrokenOperation, ...BrokenOperation[]], mayBreak: boolean): Finding {
  const [{ coordinate, reason }] = uses;
  const count = uses.reduce((sum, use) => sum + use.count, 0);
  const last = new Date(Math.max(...uses.map(({ lastUsedAt }) => lastUsedAt.getTime())));
  const times = count === 1 ? 'once' : `${count} times`;
  const what = coordinate === undefined ? reason : `${coordinate}: ${reason}.`;
  return {
    check: 'clients',
    severity: mayBreak ? 'warning' : 'error',
    code: 'CLIENTS_BROKEN',
    message: `${what} Clients have sent what needs it ${times} in the last days, last at ${last.toISOString()}.`,
    ...(coordinate !== undefined && { location: coordinate.slice(0, 300) }),
  };
}
