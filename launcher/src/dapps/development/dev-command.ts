import { graphNamespace } from '@medigraph/schema/dapps';
import { CommandError } from '../../errors.js';
import { GraphClient } from '../../graph-client.js';
import { openRunning } from '../../running.js';
import { stopSignal } from '../../stop-signal.js';
import { Development } from './development.js';
import { watchSources } from './watch-sources.js';

export interface DevOptions {
  readonly folder: string;
  readonly data: string;
  readonly port: number;
  readonly reset: boolean;
}

const say = (line: string) => process.stdout.write(`${line}\n`);

/** `medigraph dapp dev`: until it is told to stop. */
export async function develop(options: DevOptions): Promise<void> {
  const aborted = new AbortController();
  const signalled = stopSignal(() => aborted.abort(new CommandError('INTERRUPTED', 'Interrupted')));
  const development = await Development.start({
    ...options,
    signal: aborted.signal,
    onPhase: (what) => say(`${what} …`),
    onNotice: say,
  });
  try {
    // What is registered is what the folder was when it was published; what runs is what it is.
    await reload(development, aborted.signal);
    await introduce(development, options);
    const stopWatching = await watchSources(development.sources, () => reload(development, aborted.signal));
    const failure = await Promise.race([signalled.then(() => undefined), development.medigraph.failed]);
    say('\nStopping …');
    await stopWatching();
    if (failure !== undefined) throw new CommandError('PART_FAILED', failure);
  } finally {
    await development.stop();
  }
}

async function reload(development: Development, signal: AbortSignal): Promise<void> {
  try {
    const { milliseconds, interfaceChanged } = await development.reload(signal);
    say(`reloaded in ${Math.round(milliseconds)} ms${interfaceChanged ? ', and the graph with it' : ''}`);
  } catch (error) {
    if (signal.aborted) return;
    const { code = 'RELOAD_FAILED', message } = error as Error & { code?: string };
    say(`${code}: ${message}\nWhat ran before runs on.`);
  }
}

async function introduce({ medigraph, manifest, patient }: Development, { data }: DevOptions): Promise<void> {
  const { tokenFor } = await openRunning(data);
  const operations = await operationsOf(medigraph.url, await tokenFor(`patient:${patient}`), manifest.id);
  say(`
${manifest.id} ${manifest.version} runs, and what you save in src runs at once.
  graph, with GraphiQL for browsers: ${medigraph.url}
${operations.map((each) => `  ${each}`).join('\n')}

Ask as a patient who has installed it, or as a hospital that has:
  medigraph token --as patient:${patient} --data '${data}'
  medigraph token --as hospital-a --data '${data}'
Stop with Ctrl-C.`);
}

/** The root fields that a DApp has in the graph: `query greeting(id: String!)` … */
async function operationsOf(url: string, token: string, dapp: string): Promise<string[]> {
  const root = 'fields { name args { name type { ...T } } }';
  const { __schema: schema } = await new GraphClient(url, token).request<{
    readonly __schema: Readonly<Record<string, { readonly fields: readonly Field[] } | null>>;
  }>(
    `{ __schema { query: queryType { ${root} } mutation: mutationType { ${root} } subscription: subscriptionType { ${root} } } } fragment T on __Type { kind name ofType { kind name ofType { kind name ofType { kind name } } } }`,
  );
  const prefix = graphNamespace(dapp).field;
  return Object.entries(schema).flatMap(([kind, type]) =>
    (type?.fields ?? [])
      .filter(({ name }) => name.startsWith(prefix))
      .map(({ name, args }) => {
        const given = args.map((each) => `${each.name}: ${written(each.type)}`).join(', ');
        return `${kind} ${name}${given === '' ? '' : `(${given})`}`;
      }),
  );
}

interface TypeReference {
  readonly kind: string;
  readonly name: string | null;
  readonly ofType?: TypeReference | null;
}
interface Field {
  readonly name: string;
  readonly args: readonly { readonly name: string; readonly type: TypeReference }[];
}

function written({ kind, name, ofType }: TypeReference): string {
  if (kind === 'NON_NULL' && ofType) return `${written(ofType)}!`;
  return kind === 'LIST' && ofType ? `[${written(ofType)}]` : (name ?? '');
}
