/** How fast the keys of a patient's entries follow a rotation of their encryption key. */
import { setTimeout as pause } from 'node:timers/promises';
import { type BenchOptions } from '../bench.js';
import { type RunningPlatform } from '../running-platform.js';

const mutations = {
  registerPatient: 'mutation { registerPatient(input: { identifier: "rewrapped" }) { patient { id } } }',
  add: 'mutation($input: AddPersonalEntriesInput!) { addPersonalEntries(input: $input) { transaction { block } } }',
  rotate: 'mutation { rotateKeys { transaction { block } } }',
};
const progressQuery = '{ rewrapProgress { total rewrapped startedAt endedAt } }';

interface Progress {
  readonly total: number;
  readonly rewrapped: number;
  readonly startedAt: string;
  readonly endedAt: string | null;
}

const perTransaction = 250;
const tellEveryMs = 500;

/** Adds so many entries, rotates, and waits. @returns keys a second, from the first look to the last key. */
export async function rewrapRate(
  platform: RunningPlatform,
  entries: number,
  say: BenchOptions['say'],
): Promise<number> {
  const hospital = await platform.as('hospital-a');
  const { registerPatient } = await hospital.request<{ registerPatient: { patient: { id: string } } }>(
    mutations.registerPatient,
  );
  const patient = await platform.as(`patient:${registerPatient.patient.id}`, true);
  for (let from = 0; from < entries; from += perTransaction) {
    const resources = Array.from({ length: Math.min(perTransaction, entries - from) }, (_, at) => ({
      resourceType: 'Observation',
      status: 'final',
      code: { text: `note ${from + at}` },
      effectiveDateTime: '2026-01-02',
    }));
    await patient.request(mutations.add, { input: { resources } });
  }
  say(`${entries} entries added; rotating the key`);
  await patient.request(mutations.rotate);
  let told = '';
  for (;;) {
    const { rewrapProgress } = await patient.request<{ rewrapProgress: Progress | null }>(progressQuery);
    const { total = 0, rewrapped = 0, startedAt = '', endedAt = null } = rewrapProgress ?? {};
    const now = `rewrapped ${rewrapped} of ${total}`;
    if (now !== told) say((told = now));
    if (endedAt !== null) return rewrapped / ((Date.parse(endedAt) - Date.parse(startedAt)) / 1000);
    await pause(tellEveryMs);
  }
}
