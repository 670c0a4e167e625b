import { ARITHMETIC } from './arithmetic-operators.js';
import { ARRAYS } from './array-operators.js';
import { DATES } from './date-operators.js';
import { LIBRARY } from './library.js';
import { LOGIC } from './logic-operators.js';
import { OBJECTS } from './object-operators.js';
import type { Operator } from './operator.js';
import { STRINGS } from './string-operators.js';
import { TYPES } from './type-operators.js';

const GROUPS = [LOGIC, ARITHMETIC, ARRAYS, OBJECTS, STRINGS, TYPES, DATES, LIBRARY];

/** The operator of this name; undefined where there is none. */
export function findOperator(name: string): Operator | undefined {
  return GROUPS.find((group) => Object.hasOwn(group, name))?.[name];
}
