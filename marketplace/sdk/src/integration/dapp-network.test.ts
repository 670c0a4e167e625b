import { expect, test } from '@jest/globals';
import { DAppNetwork, networkVariable } from './index.js';

test.each([undefined, '', '{', '{}', '{"graph":"http://127.0.0.1:1/graphql"}'])(
  'without a network (%j) tests are told how to be run',
  (place) => {
    if (place === undefined) Reflect.deleteProperty(process.env, networkVariable);
    else process.env[networkVariable] = place;
    expect(() => DAppNetwork.connect()).toThrow(/run the tests with medigraph dapp test/);
  },
);
