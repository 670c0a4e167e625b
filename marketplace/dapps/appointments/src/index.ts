import { Appointments } from './appointments.js';
import { Schedules } from './schedules.js';

/** What the host loads. */
export const contracts = [Schedules, Appointments];
