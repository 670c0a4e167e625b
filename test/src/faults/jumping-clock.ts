/** Lets what this process takes for the time be wrong. @param by - Milliseconds, asked each time. */
export function letClockJump(by: () => number): void {
  const RealDate = Date;
  class JumpingDate extends RealDate {
    constructor(...parts: readonly unknown[]) {
      if (parts.length === 0) super(RealDate.now() + by());
      else super(...(parts as [number]));
    }

    static override now(): number {
      return RealDate.now() + by();
    }
  }
  globalThis.Date = JumpingDate as DateConstructor;
}
