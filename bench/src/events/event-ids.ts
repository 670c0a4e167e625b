import { randomBytes } from 'node:crypto';

/** Finds the id of an event in its text, whatever else is there. */
export const eventIds = /bench-[0-9a-f]{24}/;

export const newEventId = (): string => `bench-${randomBytes(12).toString('hex')}`;
