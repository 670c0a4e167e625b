'use strict';
// Loops until it is stopped: without pause, between answers of the ledger, and in promises.
const { Contract } = require('fabric-contract-api');

class Loop extends Contract {
  async sync() {
    for (let count = 0; count >= 0;) count += 1;
  }

  async async() {
    for (;;) await Promise.resolve();
  }

  async never() {
    await new Promise(() => undefined);
  }

  async asking(ctx) {
    for (;;) await ctx.stub.getState('k');
  }

  /** Answers, and goes on. */
  async afterwards() {
    const spin = async () => {
      for (;;) for (let count = 0; count < 1e6; count += 1) await null;
    };
    void spin();
    return 'done';
  }
}

module.exports.contracts = [Loop];
