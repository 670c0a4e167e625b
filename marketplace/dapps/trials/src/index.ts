import { Forms } from './forms.js';
import { Studies } from './studies.js';
import { Subjects } from './subjects.js';

/** What the host loads. */
export const contracts = [Studies, Subjects, Forms];
