/** What must be there because the plan was made of it. */
export function required<T>(value: T | undefined, what: string): T {
  if (value === undefined) throw new Error(`the load has no ${what}`);
  return value;
}
