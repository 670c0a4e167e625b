import { loadConfiguration } from '@medigraph/platform/config';
import { DataFolder } from './data-folder.js';
import { callerOf } from './roles.js';
import { requireRunning, type RunFile } from './run-file.js';
import { samplePatients } from './sample-patients.js';

/** How long a token for scripts is valid, in seconds. */
export const scriptTokenSeconds = 8 * 3600;

/** The platform of a data folder as scripts use it: its address, and tokens for anybody. */
export interface RunningMedigraph {
  readonly run: RunFile;
  /** @param mfa - as of somebody who has shown a second factor, which protected operations want. */
  readonly tokenFor: (role: string, lifetimeSeconds?: number, mfa?: boolean) => Promise<string>;
}

/** @throws `NOT_RUNNING`. */
export async function openRunning(folder: string): Promise<RunningMedigraph> {
  // Here, so that a command line that only says what there is starts at once.
  const [{ bothFactorsNow }, { loadConnectionProfile, patientsOrganization }, { openIdentity }] =
    await Promise.all([
      import('@medigraph/platform/identity'),
      import('@medigraph/platform/ledger'),
      import('./platform/identity.js'),
    ]);
  const data = new DataFolder(folder);
  const run = await requireRunning(data.path);
  const configuration = loadConfiguration({
    ...process.env,
    MEDIGRAPH_DATA: data.path,
    MEDIGRAPH_CONNECTION_PROFILE: run.connectionProfile,
  });
  const profile = await loadConnectionProfile(run.connectionProfile);
  const { issuer } = await openIdentity(configuration, profile);
  return {
    run,
    tokenFor: async (role, lifetimeSeconds = scriptTokenSeconds, mfa = false) => {
      const caller = callerOf(role, await samplePatients(data.population), patientsOrganization(profile));
      return issuer.issue({ ...caller, ...(mfa && bothFactorsNow()) }, lifetimeSeconds);
    },
  };
}
