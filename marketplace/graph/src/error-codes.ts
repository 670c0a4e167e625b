/** Every code that the part of a DApp in the graph has of its own, with what it means. */
export const dappGraphErrorCodes = {
  DAPP_METADATA_INVALID:
    'The metadata of the contracts cannot be made a graph: the message says what in them, and where.',
  DAPP_CONTRACTS_MISMATCH: 'The contracts that run are not those that the manifest names.',
  DAPP_GRAPH_INVALID: 'What the manifest says of the graph does not fit the metadata of the contracts.',
  DAPP_NAME_COLLISION: 'Two things of the DApp would have one name in the graph.',
  DAPP_GRAPH_REFUSED: 'With this DApp the graph could not be served; it serves on without the change.',
  DAPP_NOT_INSTALLED: 'You have no such DApp installed.',
  DAPP_REFUSED:
    'A contract of the DApp refused; `dapp` says whose, `dappCode` with which code of its own, if it has one.',
  DAPP_RESULT_INVALID: 'A contract of the DApp answered what its own metadata do not allow.',
} as const;

export type DAppGraphErrorCode = keyof typeof dappGraphErrorCodes;
