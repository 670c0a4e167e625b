import { DAppError, demand } from '@medigraph/dapp';
import { type Slot } from './types.js';

/** Slots that one transaction may make. */
export const mostSlots = 500;
const minute = 60_000;
const hour = 60 * minute;

/** An instant as every slot's id has it: ISO 8601 in UTC with milliseconds. @throws {@link DAppError} `TIME_INVALID` */
export function instantOf(text: string, name: string): string {
  const time = Date.parse(text);
  demand(
    /^\d{4}-\d\d-\d\dT\d\d:\d\d(:\d\d(\.\d{1,3})?)?Z$/.test(text) && !Number.isNaN(time),
    'TIME_INVALID',
    `${name} must be an instant in UTC, such as 2026-03-02T09:00:00Z`,
  );
  return new Date(time).toISOString();
}

export const slotId = (schedule: string, start: string): string => `${schedule}@${start}`;

/** Whether a text can be the id of a slot. */
export const isSlotId = (id: string): boolean => id.lastIndexOf('@') > 0;

/** Schedule and start of a slot's id. @throws {@link DAppError} `SLOT_NOT_FOUND` if it is none. */
export function partsOf(id: string): [schedule: string, start: string] {
  const at = id.lastIndexOf('@');
  if (!isSlotId(id)) throw new DAppError('SLOT_NOT_FOUND', `there is no slot ${id}`);
  return [id.slice(0, at), id.slice(at + 1)];
}

/**
 * Free slots of a length from one instant to another, one after the other; what remains at the end is too short for one.
 * @throws {@link DAppError} `PERIOD_INVALID` if none fits or more than {@link mostSlots} do.
 */
export function slotsBetween(schedule: string, from: string, until: string, minutes: number): Slot[] {
  const length = minutes * minute;
  const count = Math.floor((Date.parse(until) - Date.parse(from)) / length);
  demand(
    count >= 1,
    'PERIOD_INVALID',
    `between ${from} and ${until} there is no room for ${minutes} minutes`,
  );
  demand(count <= mostSlots, 'PERIOD_INVALID', `${count} slots are more than the ${mostSlots} of one call`);
  return Array.from({ length: count }, (_, index) => {
    const begins = Date.parse(from) + index * length;
    const start = new Date(begins).toISOString();
    const end = new Date(begins + length).toISOString();
    return { id: slotId(schedule, start), schedule, start, end, status: 'free' as const };
  });
}

/** Hours that a visit touches, such as 2026-03-02T09. */
export function hoursOf({ start, end }: Pick<Slot, 'start' | 'end'>): string[] {
  const first = Math.floor(Date.parse(start) / hour);
  const count = Math.ceil(Date.parse(end) / hour) - first;
  return Array.from({ length: count }, (_, index) =>
    new Date((first + index) * hour).toISOString().slice(0, 'YYYY-MM-DDTHH'.length),
  );
}

/** Do two visits share a moment? Ends are outside. */
export const overlap = (
  a: { readonly start: string; readonly end: string },
  b: { readonly start: string; readonly end: string },
): boolean => a.start < b.end && b.start < a.end;
