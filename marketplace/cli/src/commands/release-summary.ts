import { type Finding } from '@medigraph/schema/dapps';
import { type Release } from './publishing.js';

const severities = ['error', 'warning', 'note'];
const rank = ({ severity }: Finding): number => severities.indexOf(severity.toLowerCase());

/** One finding with its place and what it says. */
export const describedFinding = ({ severity, code, message, location }: Finding): string =>
  `  ${severity.toLowerCase().padEnd(7)} ${code}${location ? ` at ${location}` : ''}: ${message}`;

/** What reports found, errors first; what several found once, what not all of them found with who did. */
function findingsOf(reports: Release['reports']): string[] {
  const found = new Map<string, { finding: Finding; by: string[] }>();
  for (const { organization, findings } of reports)
    for (const finding of findings) {
      const line = describedFinding(finding);
      const known = found.get(line) ?? { finding, by: [] };
      if (!known.by.includes(organization)) known.by.push(organization);
      found.set(line, known);
    }
  return [...found]
    .sort(([, one], [, other]) => rank(one.finding) - rank(other.finding))
    .map(([line, { by }]) => (by.length === reports.length ? line : `${line} (found by ${by.join(', ')})`));
}

/** A version with who looked at it, what they found, and what organisations said of it. */
export function summaryOf({ version, status, reports, votes, reason }: Release): string {
  return [
    `${version}  ${status.toLowerCase()}${reason === null ? '' : `: ${reason}`}`,
    ...(reports.length > 0
      ? [`  checked by ${reports.map(({ organization }) => organization).join(', ')}`]
      : []),
    ...findingsOf(reports),
    ...votes.map(
      (vote) =>
        `  ${vote.organization} ${vote.decision.toLowerCase()}s${vote.reason === null ? '' : `: ${vote.reason}`}`,
    ),
  ].join('\n');
}
