import { type Command } from 'commander';
import { defaultDataFolder } from '../data-folder.js';
import { CommandError } from '../errors.js';
import { openRunning } from '../running.js';
import { type Story } from '../story/index.js';

/** What the story promises, and did not keep. */
function broken({ record, claim }: Story): string | undefined {
  if (record.read.granted === null) return 'the insurer could not read what was granted';
  if (record.read.otherInsurer !== null) return 'another insurer could read the entry';
  if (record.read.afterRevoke !== null) return 'the insurer could read after the revocation';
  const all = 'ClaimSubmitted ClaimAdjudicated ClaimPaid';
  const hospital = [...claim.hospitalBeforeCut, ...claim.hospitalAfterResume];
  for (const received of [claim.insurer, claim.patient, hospital]) {
    if (received.join(' ') !== all) return `a subscriber received ${received.join(' ') || 'nothing'}`;
  }
  return undefined;
}

export function addDemoCommand(program: Command): void {
  program
    .command('demo')
    .description(
      'play a record, a consent and a claim on the running platform, and print what each subscriber receives',
    )
    .option('--data <folder>', 'data folder of the platform', defaultDataFolder)
    .action(async ({ data }: { data: string }) => {
      const { playStory } = await import('../story/index.js');
      const { run, tokenFor } = await openRunning(data);
      const story = await playStory(run.url, tokenFor, (who, what) =>
        console.log(`${who.padEnd(12)}${what}`),
      );
      const failure = broken(story);
      if (failure !== undefined) throw new CommandError('DEMO_FAILED', failure);
      console.log('\nEvery subscriber received every state once; the one that was cut off missed nothing.');
    });
}
