'use strict';
// A contract of the kit, with its decorators as a compiler leaves them.
const { DAppContract, Evaluation, Param, Returns } = require('@medigraph/dapp');

class Greetings extends DAppContract {
  async greet(ctx, name) {
    return `${name} at ${ctx.now}`;
  }
}

const greet = Object.getOwnPropertyDescriptor(Greetings.prototype, 'greet');
for (const decorate of [Evaluation('Greets someone.'), Returns('string')])
  decorate(Greetings.prototype, 'greet', greet);
Param('name', 'Whom.', { type: 'string' })(Greetings.prototype, 'greet', 1);

module.exports.contracts = [Greetings];
