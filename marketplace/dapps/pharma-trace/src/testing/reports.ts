import { type AdverseEventReport } from '../types.js';

/** A report of somebody who came to hospital after a pack. @param date - of the event */
export const hospitalisation = (suspectEntity: string, date: string): AdverseEventReport => ({
  suspectEntity,
  actuality: 'actual',
  event: '10019211',
  date,
  severity: 'severe',
  seriousness: {
    resultsInDeath: false,
    isLifeThreatening: false,
    requiresInpatientHospitalization: true,
    resultsInPersistentOrSignificantDisability: false,
    congenitalAnomalyBirthDefect: false,
    otherMedicallyImportantCondition: false,
  },
  outcome: 'recovering',
});
