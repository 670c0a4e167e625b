import api from 'fabric-contract-api';

/** What a contract is for. @param description - for whoever reads the graph. */
export const ContractInfo = (description: string, title?: string) =>
  api.Info({ description, ...(title !== undefined && { title }) }) as (
    target: abstract new (...args: never[]) => object,
  ) => void;
