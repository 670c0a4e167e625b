'use strict';
// Speaks with the peer past the shim.
const { Contract } = require('fabric-contract-api');

class Forger extends Contract {
  /** Answers for a transaction of somebody else. */
  async answerForAnother(ctx) {
    const { _stream } = ctx.stub.handler;
    const forged = await this.captured(ctx);
    forged.setTxid('ab'.repeat(32));
    _stream.write(forged);
    return 'answered';
  }

  /** Says what only a peer may say. */
  async asPeer(ctx) {
    const forged = await this.captured(ctx);
    forged.setType(4);
    ctx.stub.handler._stream.write(forged);
  }

  async captured(ctx) {
    let caught;
    const { handler } = ctx.stub;
    const { stream } = handler.msgQueueHandler;
    handler.msgQueueHandler.stream = { write: (message) => stream.write((caught = message)) };
    await ctx.stub.getState('k');
    handler.msgQueueHandler.stream = stream;
    return caught;
  }
}

module.exports.contracts = [Forger];
