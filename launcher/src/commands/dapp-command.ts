import { addDAppCommand } from '@medigraph/dapp-cli';
import { type Command } from 'commander';
import { configurationFolder } from '../sign-in/session-file.js';

/** `medigraph dapp`: its keys lie beside the session. */
export function addDApps(program: Command): void {
  addDAppCommand(program, { configuration: configurationFolder(process.env) });
}
