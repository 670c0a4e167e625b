'use strict';
// Tells its author what patients have.
const { Contract } = require('fabric-contract-api');

console.log('loaded');

class Talkative extends Contract {
  async tell(ctx, secret) {
    console.log(`the secret is ${secret}`);
    ctx.logging.getLogger('talk').info(`the secret is ${secret}`);
    try {
      require(secret);
    } catch {
      // The module's name was the message.
    }
    throw new Error(`SECRET_${secret}: it is told`);
  }

  async flood() {
    for (let index = 0; index < 300_000; index += 1) console.log('x'.repeat(1_000));
    return 'told';
  }
}

module.exports.contracts = [Talkative];
