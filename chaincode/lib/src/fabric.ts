/**
 * What contracts need of `fabric-contract-api`, as named exports: its CommonJS decorators are invisible to ES modules that
 * import them by name.
 */
import api from 'fabric-contract-api';

export const { Contract, Context, Transaction, Returns } = api;
