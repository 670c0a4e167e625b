// One caller of a graph is the same for a command and for whoever writes a DApp.
export { GraphClient, GraphRefusal } from '@medigraph/dapp/graph-client';
