'use strict';
// Writes what differs from peer to peer.
const { Contract } = require('fabric-contract-api');

class Dice extends Contract {
  async clock(ctx) {
    await ctx.stub.putState('k', Buffer.from(String(Date.now())));
  }

  async date(ctx) {
    await ctx.stub.putState('k', Buffer.from(new Date().toISOString()));
  }

  async text(ctx) {
    await ctx.stub.putState('k', Buffer.from(Date()));
  }

  async chance(ctx) {
    await ctx.stub.putState('k', Buffer.from(String(Math.random())));
  }

  async format(ctx) {
    await ctx.stub.putState('k', Buffer.from(new Intl.DateTimeFormat('en').format()));
  }

  async behind(ctx) {
    const Other = ctx.stub.getDateTimestamp().constructor;
    return String(new Other().getTime());
  }
}

module.exports.contracts = [Dice];
