/** What a launcher asks of its parts over IPC: nobody but the process that forked them can. */
import { type ChildProcess } from 'node:child_process';
import { z } from 'zod';
import { CommandError } from './errors.js';

const question = z.object({
  type: z.literal('question'),
  id: z.int(),
  name: z.string(),
  value: z.unknown().optional(),
});
const answer = z.object({
  type: z.literal('answer'),
  id: z.int(),
  value: z.unknown().optional(),
  error: z.object({ code: z.string(), message: z.string() }).optional(),
});

let lastId = 0;

/**
 * @param signal - ends the waiting, not what the part does.
 * @throws {@link CommandError} with code and message of what the part failed with; `PART_GONE` if it ends meanwhile; the
 *   signal's reason.
 */
export function ask(
  part: ChildProcess,
  name: string,
  value: unknown,
  signal?: AbortSignal,
): Promise<unknown> {
  lastId += 1;
  const id = lastId;
  return new Promise((resolve, reject) => {
    const done = () => {
      part.off('message', hear);
      part.off('exit', gone);
      signal?.removeEventListener('abort', aborted);
    };
    const fail = (error: Error) => {
      done();
      reject(error);
    };
    const hear = (message: unknown) => {
      const heard = answer.safeParse(message).data;
      if (heard?.id !== id) return;
      done();
      if (heard.error) reject(new CommandError(heard.error.code, heard.error.message));
      else resolve(heard.value);
    };
    const gone = () => fail(new CommandError('PART_GONE', 'it ended before it answered'));
    const aborted = () => fail(signal?.reason as Error);
    if (signal?.aborted) {
      aborted();
      return;
    }
    part.on('message', hear);
    part.once('exit', gone);
    signal?.addEventListener('abort', aborted);
    part.send({ type: 'question', id, name, value }, (error) => error && gone());
  });
}

/** Answers what the launcher asks this process. */
export function answerWith(answers: Readonly<Record<string, (value: unknown) => Promise<unknown>>>): void {
  process.on('message', (message) => {
    const asked = question.safeParse(message).data;
    const known = asked && answers[asked.name];
    if (!asked || !known) return;
    const { id } = asked;
    known(asked.value).then(
      (value) => process.send?.({ type: 'answer', id, value }),
      (error: unknown) => {
        const { code = 'PART_FAILED', message } = error as Error & { code?: string };
        process.send?.({ type: 'answer', id, error: { code, message } });
      },
    );
  });
}
