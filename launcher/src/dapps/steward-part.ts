import { fileURLToPath } from 'node:url';
import { type DataFolder } from '../data-folder.js';
import { type LogFiles } from '../log-files.js';
import { type PartKeeper } from '../supervisor.js';

/** Name of the part that checks and runs DApps. */
export const dappsPart = 'dapps';

const entry = fileURLToPath(new URL('server.js', import.meta.url));

/** Starts the steward of the organisations whose administrators are named. */
export async function startSteward(
  supervisor: Pick<PartKeeper, 'start'>,
  data: DataFolder,
  logs: LogFiles,
  given: {
    readonly env: Readonly<Record<string, string>> & { readonly administrators: string };
    readonly args: readonly string[];
  },
): Promise<void> {
  const { administrators, ...env } = given.env;
  const part = {
    name: dappsPart,
    entry,
    args: given.args,
    env: {
      ...env,
      MEDIGRAPH_DATA: data.path,
      MEDIGRAPH_STEWARD_ADMINISTRATORS: administrators,
    },
    onLog: logs.writer(dappsPart),
  };
  await supervisor.start(part, () => part);
}
