'use strict';
// A contract as anybody would write it.
const { Contract } = require('fabric-contract-api');

class Notes extends Contract {
  constructor() {
    super('Notes');
  }

  async put(ctx, key, text) {
    await ctx.stub.putState(key, Buffer.from(text));
    ctx.stub.setEvent('NotePut', Buffer.from(key));
    return key;
  }

  async get(ctx, key) {
    return (await ctx.stub.getState(key)).toString();
  }

  async when(ctx) {
    return new Date(ctx.stub.getDateTimestamp().getTime()).toISOString();
  }

  async refuse() {
    throw new Error('NOTE_REFUSED: not this one');
  }
}

module.exports.contracts = [Notes];
