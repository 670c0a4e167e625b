'use strict';
// Answers, writes and emits more than anybody wants.
const { Contract } = require('fabric-contract-api');

const text = (bytes) => 'x'.repeat(bytes);

class Giant extends Contract {
  async result() {
    return text(1_500_000);
  }

  async message() {
    return text(6_000_000);
  }

  async event(ctx) {
    ctx.stub.setEvent('Flood', Buffer.from(text(200_000)));
  }

  async events(ctx) {
    for (let count = 0; count < 100_000; count += 1)
      ctx.stub.setEvent(`Flood${count}`, Buffer.from(text(100)));
  }

  async writes(ctx) {
    for (let count = 0; count < 100; count += 1)
      await ctx.stub.putState(`k${count}`, Buffer.from(text(100_000)));
  }

  async calls(ctx) {
    for (let count = 0; count < 20_000; count += 1) await ctx.stub.getState('k');
  }
}

module.exports.contracts = [Giant];
