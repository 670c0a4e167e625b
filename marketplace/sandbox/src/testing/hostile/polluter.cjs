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
