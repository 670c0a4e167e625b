import { assertAnswerable, encodeDocument } from '../bson/encode.js';
import { isDoc } from '../bson/value.js';
import { runPipeline, writesResults } from '../aggregation/pipeline.js';
import type { DocStream, PipelineContext } from '../aggregation/stage.js';
import type { DocumentStream } from '../cursors.js';
import { CommandError } from '../errors.js';
import { parseCollation } from '../query/collation.js';
import { collectionName, requiredArray } from './arguments.js';
import { cursorBatchSize } from './collections.js';
import { operandOf, type Command } from './command.js';
import { isNumeric } from '../bson/value.js';
import { variablesOf } from './variables.js';

/** `aggregate` */
export const aggregate: Command = async (call) => {
  const isDatabaseWide = isNumeric(operandOf(call));
  const name = isDatabaseWide ? '$cmd.aggregate' : collectionName(call);
  const stages = requiredArray(call, 'pipeline');
  if (call.body.cursor === undefined && call.body.explain !== true)
    throw new CommandError(
      'FailedToParse',
      "The 'cursor' option is required, except for aggregate with the explain argument",
    );
  if (
    isDatabaseWide &&
    !(
      isDoc(stages[0]) &&
      ('$documents' in stages[0] || '$changeStream' in stages[0] || '$currentOp' in stages[0])
    )
  )
    throw new CommandError(
      'InvalidNamespace',
      '{aggregate: 1} is not valid for an empty pipeline or one that does not begin with $documents',
    );
  const context: PipelineContext = {
    server: call.server,
    database: call.database,
    operation: call.operation,
    variables: variablesOf(call),
    collation: parseCollation(call.body.collation ?? undefined),
  };
  const stream = runPipeline(name, stages, context, call.body.hint ?? undefined);
  const options = {
    namespace: `${call.database}.${name}`,
    operation: call.operation,
    batchSize: cursorBatchSize(call),
  };
  if (writesResults(stages))
    return call.server.cursors.firstBatch(await drained(stream), { ...options, batchSize: undefined });
  return call.server.cursors.firstBatch(encoded(stream), options);
};

async function* encoded(stream: DocStream): DocumentStream {
  for await (const docs of stream) {
    yield docs.map((doc) => {
      const bytes = encodeDocument(doc);
      assertAnswerable(bytes);
      return bytes;
    });
  }
}

async function drained(stream: DocStream): Promise<DocumentStream> {
  let done = (await stream.next()).done;
  while (!done) done = (await stream.next()).done;
  return encoded(stream);
}
