/** Names of an enumeration's numbers as Fabric writes them, such as `BAD_REQUEST` for `badRequest`. */
export function namesOf(values: Readonly<Record<string, number>>): (number: number) => string {
  const names = new Map(
    Object.entries(values).map(([name, number]) => [
      number,
      name.replace(/[A-Z]/g, (letter) => `_${letter}`).toUpperCase(),
    ]),
  );
  return (number) => names.get(number) ?? String(number);
}
