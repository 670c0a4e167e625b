import { Refusal, refusalCode } from '../refusal.js';

/** How often somebody may enroll who asks for `wanted`: -1 for any number, and so for 0. @throws {@link Refusal} 400. */
export function maxEnrollments(wanted: number): number {
  if (wanted >= -1) return wanted === 0 ? -1 : wanted;
  throw new Refusal(
    400,
    refusalCode.maxEnrollments,
    `Max enrollment in registration request may not be less than -1, but was ${wanted}`,
  );
}
