/** Scope of a token that may do everything that its holder may, changing things among it. */
export const wholeScope = 'medigraph';
/** Scope of a token that may see and change the supergraph; for operators alone. */
export const operateScope = 'medigraph:operate';
