import { expect, test } from '@jest/globals';
import { type Finding } from '@medigraph/schema/dapps';
import { summaryOf } from './release-summary.js';

const note: Finding = { check: 'clients', severity: 'note', code: 'GRAPH_CHANGED', message: 'A field went.' };
const error: Finding = {
  check: 'clients',
  severity: 'error',
  code: 'CLIENTS_BROKEN',
  message: 'It is gone.',
  location: 'Query.a_b',
};

test('an author reads who found what, and who said what and why', () => {
  const summary = summaryOf({
    version: '1.0.1',
    status: 'REFUSED',
    package: { sha256: '' },
    publishedAt: '2026-01-01T00:00:00.000Z',
    reason: 'CLIENTS_BROKEN: It is gone.',
    reports: [
      { organization: 'HospitalAMSP', findings: [note] },
      { organization: 'InsurerAMSP', findings: [note, error] },
    ],
    votes: [
      { organization: 'HospitalAMSP', decision: 'APPROVE', reason: null },
      { organization: 'RegulatorMSP', decision: 'REFUSE', reason: 'It asks for too much.' },
    ],
  });
  expect(summary.split('\n')).toEqual([
    '1.0.1  refused: CLIENTS_BROKEN: It is gone.',
    '  checked by HospitalAMSP, InsurerAMSP',
    '  error   CLIENTS_BROKEN at Query.a_b: It is gone. (found by InsurerAMSP)',
    '  note    GRAPH_CHANGED: A field went.',
    '  HospitalAMSP approves',
    '  RegulatorMSP refuses: It asks for too much.',
  ]);
});
