import type { Doc } from '../bson/value.js';
import { CommandError } from '../errors.js';
import { compileExpression } from '../expression/compile.js';
import { optionalDoc } from './arguments.js';
import type { Call } from './command.js';

/**
 * The variables of a command: the expressions of its `let`, evaluated once, each seeing those before it.
 *
 * @throws {@link CommandError} 4890500 where one names a field: there is no document yet.
 */
export function variablesOf(call: Call): Doc {
  const variables: Doc = {};
  for (const [name, expression] of Object.entries(optionalDoc(call, 'let') ?? {})) {
    const evaluate = compileExpression(expression, { now: call.operation.now, variables });
    variables[name] = evaluate(noDocument);
  }
  return variables;
}

/** Stands where a document would: whatever asks it for a field is refused. */
const noDocument: Doc = new Proxy<Doc>(
  {},
  {
    getOwnPropertyDescriptor: () => {
      throw new CommandError(
        4890500,
        'Command let Expression tried to access a field, but this is not allowed because command let expressions run before the query examines any documents.',
      );
    },
  },
);
