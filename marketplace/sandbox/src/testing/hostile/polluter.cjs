'use strict';
// Changes what every object inherits, so that others' transactions do something else.
const { Contract } = require('fabric-contract-api');

class Polluter extends Contract {
  async object() {
    Object.prototype.polluted = 'yes';
  }

  async array() {
    Array.prototype.push = () => 0;
  }

  async other(ctx) {
    Reflect.set(Object.getPrototypeOf(Object.getPrototypeOf(ctx.stub)), 'polluted', 'yes');
    return String(Object.getPrototypeOf(Object.getPrototypeOf(ctx.stub)).polluted);
  }

  /** What the next transaction would be told of itself. */
  async stub(ctx) {
    Object.getPrototypeOf(ctx.stub).getTxID = () => 'forged';
  }

  async identity(ctx) {
    Object.getPrototypeOf(ctx.clientIdentity).getMSPID = () => 'forged';
  }

  async text() {
    globalThis.TextEncoder.prototype.encode = () => new Uint8Array();
  }

  async address() {
    globalThis.URL.prototype.mark = 'left';
  }

  async contract() {
    Contract.prototype.beforeTransaction = () => undefined;
  }

  async digest() {
    Object.getPrototypeOf(require('node:crypto').createHash('sha256')).update = () => undefined;
  }

  /** Where the next transaction looks for what it calls. */
  async globals() {
    globalThis.JSON = { stringify: () => 'forged' };
  }

  async untouched(ctx) {
    return `${ctx.stub.getTxID().length} ${ctx.clientIdentity.getMSPID()}`;
  }

  async merged(ctx, json) {
    const merge = (target, source) => {
      for (const key of Object.keys(source))
        if (typeof source[key] === 'object') merge(target[key], source[key]);
        else target[key] = source[key];
    };
    merge({}, JSON.parse(json));
  }

  async clean() {
    return `${typeof {}.polluted} ${[].push.name}`;
  }
}

module.exports.contracts = [Polluter];
