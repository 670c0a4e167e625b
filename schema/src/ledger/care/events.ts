import { type z } from 'zod';
import { consent } from './access.js';
import { contributor } from './contributions.js';
import { brokenGlass, disclosure, emergencyAccess, emergencyPolicy } from './emergency.js';
import { historyImport } from './imports.js';
import { opening } from './openings.js';
import { entry, storageAuthorization } from './records.js';
import { erasure, rewrapped } from './storage.js';
import { guardianship, recovery, shareHandedOver } from './recovery.js';
import { institution, patient, practitioner } from './registration.js';

/**
 * Event name to the shape of one item. A transaction emits one Fabric event; its payload is a JSON array of items, so
 * that a batch says what each of its parts did. The index in the array is the event index of a cursor.
 */
export const careEvents = {
  InstitutionRegistered: institution,
  InstitutionKeyRotated: institution,
  PractitionerRegistered: practitioner,
  PatientRegistered: patient,
  KeyRotated: patient,
  PatientDeactivated: patient,
  GuardiansNamed: guardianship,
  RecoveryRequested: recovery,
  RecoveryApproved: recovery,
  RecoveryCancelled: recovery,
  ShareHandedOver: shareHandedOver,
  StorageAuthorized: storageAuthorization,
  ContributorAuthorized: contributor,
  EntryProposed: entry,
  EntryAuthorized: entry,
  EntryRetracted: entry,
  ImportRequested: historyImport,
  ImportOffered: historyImport,
  ImportPicked: historyImport,
  ImportDeclined: historyImport,
  EntryErased: erasure,
  KeysRewrapped: rewrapped,
  ConsentRequested: consent,
  ConsentGranted: consent,
  ConsentDenied: consent,
  ConsentRevoked: consent,
  EntryOpened: opening,
  EmergencyPolicySet: emergencyPolicy,
  GlassBroken: brokenGlass,
  KeysDisclosed: disclosure,
  GlassReviewed: emergencyAccess,
} as const;
export type CareEvents = { [Name in keyof typeof careEvents]: z.infer<(typeof careEvents)[Name]> };
