'use strict';
// Takes memory until it is stopped: on the heap, and beside it.
const { Contract } = require('fabric-contract-api');

const kept = [];

class Memory extends Contract {
  async heap() {
    for (;;) kept.push(Array.from({ length: 10_000 }, (_, index) => ({ index })));
  }

  async buffers() {
    for (;;) kept.push(Buffer.alloc(16 * 1024 * 1024, 1));
  }

  async one() {
    kept.push(Buffer.alloc(3 * 1024 * 1024 * 1024, 1));
  }
}

module.exports.contracts = [Memory];
