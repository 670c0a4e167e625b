import { type Finding } from '@medigraph/schema/dapps';
import parseExpression, { type Info } from 'spdx-expression-parse';
import licences from 'spdx-license-list';
import { type Check, found } from './findings.js';

/** Not the Open Source Initiative's, and free all the same: dedications to the public domain. */
const alsoAllowed: ReadonlySet<string> = new Set(['CC0-1.0', 'BlueOak-1.0.0', 'WTFPL']);

const isOpen = (id: string): boolean =>
  alsoAllowed.has(id) || (Object.hasOwn(licences, id) && licences[id]?.osiApproved === true);

/** Licences that keep an expression from being open: none of alternatives, all of what must hold together. */
function closedOf(expression: Info): string[] {
  if ('license' in expression) return isOpen(expression.license) ? [] : [expression.license];
  const [left, right] = [closedOf(expression.left), closedOf(expression.right)];
  if (expression.conjunction === 'or')
    return left.length === 0 || right.length === 0 ? [] : [...left, ...right];
  return [...left, ...right];
}

/** What is wrong with a licence. @param of - what it is the licence of. */
export function licenceFindings(check: Check, of: string, licence: string, location: string): Finding[] {
  let expression: Info;
  try {
    expression = parseExpression(licence);
  } catch {
    return [
      found(
        check,
        'error',
        'LICENCE_UNKNOWN',
        `${of} has "${licence}", which is no SPDX licence expression`,
        location,
      ),
    ];
  }
  return closedOf(expression).map((id) =>
    found(
      check,
      'error',
      'LICENCE_NOT_OPEN',
      `${of} has the licence ${id}, which is not an open one`,
      location,
    ),
  );
}
