import { expect, test } from '@jest/globals';
import { loadConfiguration } from '../config/index.js';
import { acquisitionLimitsOf, defaultAcquisitionLimits } from './acquisition-limits.js';

test('without settings they are the defaults', () => {
  expect(acquisitionLimitsOf(loadConfiguration({}))).toEqual(defaultAcquisitionLimits);
});

test('files have the limits that are set', () => {
  const environment = { MEDIGRAPH_FILE_BYTES: '20000000', MEDIGRAPH_PERSON_FILE_BYTES: '70000000' };
  expect(acquisitionLimitsOf(loadConfiguration(environment))).toEqual({
    ...defaultAcquisitionLimits,
    fileBytes: 20_000_000,
    personFileBytes: 70_000_000,
  });
});
