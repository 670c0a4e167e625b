import { GraphQLError } from 'graphql';
import { type Caller } from '../identity/index.js';
import { silentLogger } from '../telemetry/index.js';
import { StepUpRequired } from './errors.js';
import { ErrorFormatter } from './format-error.js';
import { RequestContext, type RequestParts } from './request-context.js';

class Context extends RequestContext {
  protected createLoaders(): object {
    return {};
  }
}

const now = Math.floor(Date.now() / 1000);
/** Nothing but the caller is looked at. */
const contextOf = (caller: Partial<Caller>): Context =>
  new Context({ caller: { ...caller } } as RequestParts);

const mfa = 'urn:medigraph:acr:mfa';

test.each([
  ['no class', {}, [undefined], false],
  ['a lower class', { acr: 'urn:medigraph:acr:pwd' }, [undefined], false],
  ['the class', { acr: mfa }, [undefined], true],
  ['the class, lately', { acr: mfa, authenticatedAt: now - 50 }, [[mfa], 60], true],
  ['the class, too long ago', { acr: mfa, authenticatedAt: now - 61 }, [[mfa], 60], false],
  ['the class at no known time', { acr: mfa }, [[mfa], 60], false],
  ['one of several classes', { acr: 'high' }, [[mfa, 'high']], true],
  ['a name of what every object has', { acr: 'constructor' }, [undefined], false],
] as const)('requireAcr with %s', (_what, caller, [acrValues, maxAge], allowed) => {
  const require = () => contextOf(caller).requireAcr(acrValues, maxAge);
  if (allowed) expect(require).not.toThrow();
  else expect(require).toThrow(StepUpRequired);
});

test('the client is told how to sign in', () => {
  const errors = new ErrorFormatter(silentLogger);
  const error = new GraphQLError('x', { originalError: new StepUpRequired([mfa], 60) });
  expect(errors.ofExecution(error).extensions).toEqual({
    code: 'STEP_UP_REQUIRED',
    acrValues: [mfa],
    maxAge: 60,
  });
});
