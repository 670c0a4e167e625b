'use strict';
// Fails in every way but the usual.
const { Contract } = require('fabric-contract-api');

class Rejecting extends Contract {
  async nothing() {
    throw undefined;
  }

  async floating() {
    void Promise.reject(new Error('lost'));
    return 'fine';
  }

  async empty() {
    throw new Error('');
  }

  async flood() {
    for (let index = 0; index < 20_000; index += 1) void Promise.reject(index);
    return 'fine';
  }

  async deep() {
    const down = (depth) => (depth < 0 ? 0 : 1 + down(depth + 1));
    return down(0);
  }
}

module.exports.contracts = [Rejecting];
