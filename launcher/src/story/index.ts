import { Cast } from './cast.js';
import { type ClaimStory, playClaimStory } from './claim-story.js';
import { playRecordStory, type RecordStory, type Tell } from './record-story.js';

export { type ClaimStory } from './claim-story.js';
export { type RecordStory, type Tell } from './record-story.js';

/** What came of the story. */
export interface Story {
  readonly record: RecordStory;
  readonly claim: ClaimStory;
}

/** Plays the whole story against a running graph with real calls and a fresh patient; may be played again. */
export async function playStory(
  url: string,
  tokenFor: (role: string) => Promise<string>,
  tell: Tell,
): Promise<Story> {
  const cast = new Cast(url, tokenFor);
  try {
    await cast.registerInstitutions();
    const record = await playRecordStory(cast, tell);
    return { record, claim: await playClaimStory(cast, record.patient, tell) };
  } finally {
    await cast.close();
  }
}
