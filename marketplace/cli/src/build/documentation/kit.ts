/** What contracts import the kit from. */
export const kit = '@medigraph/dapp';

/** Whether a source could have decorators of the kit: told without reading it. */
export const mayUseKit = (text: string): boolean => text.includes(kit);
