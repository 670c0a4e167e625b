'use strict';
// A contract of the kit, with its decorators as a compiler leaves them.
const { DAppContract, Evaluation, Param, Returns } = require('@medigraph/dapp');

class Greetings extends DAppContract {
  async greet(ctx, name) {
    return `${name} at ${ctx.now}`;
  }
}

Reflect.metadata('design:paramtypes', [Object, String])(Greetings.prototype, 'greet');
Param('name', 'Whom.')(Greetings.prototype, 'greet', 1);
const greet = Object.getOwnPropertyDescriptor(Greetings.prototype, 'greet');
for (const decorate of [Returns('string'), Evaluation('Greets someone.')])
  decorate(Greetings.prototype, 'greet', greet);

module.exports.contracts = [Greetings];
