import { Kind, type DirectiveNode } from 'graphql';

/** A variable that must have a value for a field to be answered. */
interface Requirement {
  readonly variable: string;
  readonly value: boolean;
}

/** When a selection is answered: all of the requirements hold. */
export type Condition = readonly Requirement[];

/**
 * What `@skip` and `@include` add to the condition of the enclosing selection; undefined where they exclude it for good.
 */
export function conditionOf(
  enclosing: Condition,
  directives: readonly DirectiveNode[] | undefined,
): Condition | undefined {
  let condition = enclosing;
  for (const { name, arguments: given } of directives ?? []) {
    if (name.value !== 'skip' && name.value !== 'include') continue;
    const wanted = name.value === 'include';
    const value = given?.find((argument) => argument.name.value === 'if')?.value;
    if (value?.kind === Kind.VARIABLE) {
      condition = [...condition, { variable: value.name.value, value: wanted }];
    } else if (value?.kind === Kind.BOOLEAN && value.value !== wanted) return undefined;
  }
  return condition;
}

/** Whether any of the conditions holds. */
export function anyHolds(
  conditions: readonly Condition[],
  variables: Readonly<Record<string, unknown>>,
): boolean {
  return conditions.some((condition) =>
    condition.every(({ variable, value }) => (variables[variable] === true) === value),
  );
}
