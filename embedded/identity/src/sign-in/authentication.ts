import { type Account, hasSecondFactor } from '../accounts/account.js';

/** Authentication context classes: a password alone; two factors. */
export const passwordClass = 'urn:medigraph:acr:pwd';
export const secondFactorClass = 'urn:medigraph:acr:mfa';
export const contextClasses = [passwordClass, secondFactorClass] as const;

/** Ways in which somebody proved who they are, as RFC 8176 names them; `swk` is a passkey that devices share. */
export type Method = 'pwd' | 'otp' | 'hwk' | 'swk' | 'user';

/** How surely somebody is known by what they proved. A passkey whose user was verified is two factors in one. */
export function contextClassOf(methods: readonly Method[]): string {
  const hasKey = methods.includes('hwk') || methods.includes('swk');
  const hasSecond = methods.includes('otp') || hasKey;
  const isTwo = (methods.includes('pwd') && hasSecond) || (hasKey && methods.includes('user'));
  return isTwo ? secondFactorClass : passwordClass;
}

/** The methods as a token names them: `mfa` beside them where they are two factors. */
export const methodReferences = (methods: readonly Method[]): string[] => [
  ...new Set<string>([...methods, ...(contextClassOf(methods) === secondFactorClass ? ['mfa'] : [])]),
];

/** True if a session of class `held` is enough for a request that named `wanted`; unknown names are of no account. */
export function satisfies(held: string | undefined, wanted: readonly string[]): boolean {
  const known = wanted.filter((name) => contextClasses.some((each) => each === name));
  if (known.length === 0 || known.includes(passwordClass)) return true;
  return held === secondFactorClass;
}

/** What somebody who signs in is asked for next. */
export type Step = 'password' | 'second-factor' | 'enrolment' | 'done';

/** Whoever has a second factor is asked for it every time; who has none sets one up when it is wanted. */
export function nextStep(
  account: Account | undefined,
  methods: readonly Method[],
  wanted: readonly string[],
): Step {
  if (!account || methods.length === 0) return 'password';
  if (contextClassOf(methods) === secondFactorClass) return 'done';
  if (hasSecondFactor(account)) return 'second-factor';
  return satisfies(contextClassOf(methods), wanted) ? 'done' : 'enrolment';
}
