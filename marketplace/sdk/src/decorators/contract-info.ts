import api from 'fabric-contract-api';
import { type Told, understood } from './told.js';

export interface ContractRules {
  readonly title?: string;
}

/** What a contract is for, in a description or in the comment above. */
export function ContractInfo(...told: Told<ContractRules>) {
  const {
    description,
    rules: { title },
  } = understood<ContractRules>(told);
  return api.Info({
    ...(description !== undefined && { description }),
    ...(title !== undefined && { title }),
  }) as (target: abstract new (...args: never[]) => object) => void;
}
