import { type ExecutionResult } from 'graphql';
import { startRouter, type RouterOptions, type RunningRouter } from '../start-router.js';
import { defaultRouterLimits } from '../router-limits.js';
import { Clinic } from './clinic.js';
import { TestTokens } from './test-tokens.js';

/** An answer over HTTP, taken apart. */
export interface Answer {
  readonly status: number;
  readonly headers: Headers;
  readonly body: ExecutionResult;
}

/** The codes of the errors of a result. */
export function codesOf({ errors }: ExecutionResult): readonly unknown[] {
  return errors?.map(({ extensions }) => extensions.code) ?? [];
}

/** A router before a {@link Clinic}, and what tests do with it. */
export class TestBench {
  readonly clinic: Clinic;
  readonly tokens: TestTokens;
  readonly router: RunningRouter;

  private constructor(clinic: Clinic, tokens: TestTokens, router: RunningRouter) {
    this.clinic = clinic;
    this.tokens = tokens;
    this.router = router;
  }

  static async start(options: Partial<RouterOptions> = {}): Promise<TestBench> {
    const clinic = await new Clinic().start();
    const tokens = await TestTokens.create();
    const router = await startRouter({
      supergraph: clinic.supergraph,
      subgraphs: clinic.endpoints,
      verifier: tokens,
      ...options,
      limits: { ...defaultRouterLimits, ...options.limits },
    });
    return new TestBench(clinic, tokens, router);
  }

  async stop(): Promise<void> {
    await this.router.close(1_000);
    await this.clinic.stop();
  }

  /** Address beside the graph's, such as `/ready`. */
  at(path: string): string {
    return new URL(path, this.router.url).href;
  }

  /** Posts parameters (or a raw body) with a good token. */
  async post(body: object | string, headers: Record<string, string> = {}): Promise<Answer> {
    return this.postAs(await this.tokens.issue(), body, headers);
  }

  /** Posts with the given `Authorization`, or none. */
  async postAs(
    authorization: string | undefined,
    body: object | string,
    headers: Record<string, string> = {},
  ): Promise<Answer> {
    const response = await fetch(this.router.url, {
      method: 'POST',
      headers: {
        'content-type': 'application/json',
        accept: 'application/graphql-response+json',
        ...(authorization !== undefined && { authorization }),
        ...headers,
      },
      body: typeof body === 'string' ? body : JSON.stringify(body),
    });
    return {
      status: response.status,
      headers: response.headers,
      body: (await response.json()) as ExecutionResult,
    };
  }
}

/** Resolves when the condition holds; looks again and again. @throws after 5 s */
export async function until(condition: () => boolean | Promise<boolean>): Promise<void> {
  const deadline = Date.now() + 5_000;
  while (!(await condition())) {
    if (Date.now() > deadline) throw new Error(`Not so within 5 s: ${condition.toString()}`);
    await new Promise((resolve) => setTimeout(resolve, 5));
  }
}
