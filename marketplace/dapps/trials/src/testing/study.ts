import { digestOf } from '@medigraph/dapp';
import { type FormDef, type StudyTerms } from '../types.js';

export const protocolDigest = digestOf('protocol');

/** A study for two subjects. @param sponsor - id of an institution */
export const studyOf = (sponsor: string): StudyTerms => ({
  id: 'NCT1',
  title: 'A study of examplin',
  sponsor,
  phase: 'phase-3',
  protocolVersion: '1.0',
  protocolDigest,
  targetEnrollment: 2,
});

/** A form of it, with checks of both kinds. */
export const vitals: FormDef = {
  study: 'NCT1',
  oid: 'VS',
  version: 1,
  name: 'Vital signs',
  items: [
    { oid: 'VSDAT', name: 'Day', dataType: 'date', mandatory: true },
    { oid: 'SYSBP', name: 'Systolic', dataType: 'integer', mandatory: true, unit: 'mm[Hg]' },
    { oid: 'DIABP', name: 'Diastolic', dataType: 'integer', mandatory: true, unit: 'mm[Hg]' },
    { oid: 'POS', name: 'Position', dataType: 'text', mandatory: false, codeList: ['SITTING', 'SUPINE'] },
  ],
  checks: [
    { item: 'SYSBP', comparator: 'LE', value: '300', softHard: 'Hard', message: 'cannot be above 300' },
    { item: 'SYSBP', comparator: 'LE', value: '180', softHard: 'Soft', message: 'Above 180: is this right?' },
    { item: 'DIABP', comparator: 'LT', other: 'SYSBP', softHard: 'Soft', message: 'Not below systolic?' },
  ],
};
