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

  /** What the process has in its memory. */
  async memory() {
    const bytes = [Buffer.allocUnsafe(4_000), Buffer.allocUnsafeSlow(100_000)];
    return String(bytes.reduce((sum, each) => sum + each.filter(Boolean).length, 0));
  }

  async beside(ctx) {
    const [argument] = ctx.stub.getBufferArgs();
    return [Buffer.from('x').buffer.byteLength, argument.buffer.byteLength < 4_000].join();
  }

  /** Where the platform is installed. */
  async place() {
    const stacks = [new Error('here').stack];
    try {
      Buffer.alloc(-1);
    } catch (error) {
      stacks.push(error.stack);
    }
    return stacks.join('\n');
  }

  async match(ctx, text) {
    return String(/b(.)/.test(text));
  }

  async matched() {
    return `${RegExp.$1} ${RegExp.input} ${RegExp['$&']}`;
  }
}

module.exports.contracts = [Dice];
