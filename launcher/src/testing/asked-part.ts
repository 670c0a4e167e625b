/** A part that answers some questions and never others. */
import { CommandError } from '../errors.js';
import { answerWith } from '../part-questions.js';

answerWith({
  twice: (value) => Promise.resolve(Number(value) * 2),
  refuse: (value) => Promise.reject(new CommandError('REFUSED', String(value))),
  never: () => new Promise(() => undefined),
});
process.send?.({ type: 'ready' });
