/** Hears of tests from Node's runner, in the process that they run in. */
import { type TestEvent } from '../wire/frames.js';

interface RunnerEvent {
  readonly type: string;
  readonly data?: {
    readonly name: string;
    readonly nesting: number;
    readonly skip?: unknown;
    readonly todo?: unknown;
    readonly details?: { readonly type?: string; readonly error?: RunnerError };
  };
}

interface RunnerError {
  readonly message: string;
  readonly cause?: unknown;
  readonly failureType?: string;
}

let tell: (event: TestEvent) => void = () => undefined;

/** Says who is told of tests; nobody until then. */
export function onTest(listener: (event: TestEvent) => void): void {
  tell = listener;
}

const reasonOf = ({ message, cause }: RunnerError): string =>
  cause instanceof Error ? cause.message : message;

/** Node's own way to hear of tests: what it iterates over ends with the last. */
export default async function* reporter(source: AsyncIterable<RunnerEvent>): AsyncGenerator<string> {
  const path: string[] = [];
  for await (const { type, data } of source) {
    if (!data) continue;
    const { name, nesting, details } = data;
    if (type === 'test:start') path.splice(nesting, Infinity, name);
    if (type !== 'test:pass' && type !== 'test:fail') continue;
    const failed = type === 'test:fail' && data.todo === undefined;
    // What has others in it fails for them, which were told.
    if (details?.error?.failureType === 'subtestsFailed') continue;
    if (data.skip !== undefined || (details?.type === 'suite' && !failed)) continue;
    tell({
      path: [...path.slice(0, nesting), name],
      passed: !failed,
      ...(failed && details?.error && { reason: reasonOf(details.error) }),
    });
  }
  yield '';
}
