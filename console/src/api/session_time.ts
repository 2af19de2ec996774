/** When a session is renewed and when its end is near. No React and no clock in here. */

const MICROSECONDS = 1_000; // in a millisecond; instants of the interface are in microseconds

/** From how long before its end people are warned, in milliseconds: enough to read, and to act by any means. */
export const SOON = 120_000;
/** A session with less than this left is renewed for somebody at work, in milliseconds. */
export const RENEWED_UNDER = 600_000;
/** An answer about the end older than this is asked for anew before people are warned by it, in milliseconds. */
export const OLD = 20_000;

/** What `GET /v1/me` told of a session, in microseconds of the server's clock, and when it came here, by ours. */
export interface Told {
  readonly now: number;
  readonly expiresAt: number;
  readonly endsAt: number;
  readonly receivedAt: number;
}

/** How a session ends: in how many milliseconds, and whether it can be prolonged before. */
export interface Ending {
  readonly left: number;
  readonly canStay: boolean;
}

/** The end, seen from `at` milliseconds of this machine's clock; the clocks need not agree. */
export function endingOf(told: Told, at: number): Ending {
  const whole = (Math.min(told.expiresAt, told.endsAt) - told.now) / MICROSECONDS;
  return { left: whole - (at - told.receivedAt), canStay: told.expiresAt < told.endsAt };
}

/** What to do about a session now. */
export type Step = "nothing" | "renew" | "ask" | "warn";

/** `isAtWork`: somebody typed, pressed or scrolled since the last renewal. */
export function stepOf(told: Told, at: number, isAtWork: boolean): Step {
  const { left, canStay } = endingOf(told, at);
  if (left > 0 && isAtWork && canStay && left < RENEWED_UNDER) return "renew";
  if (left > SOON) return "nothing";
  return left <= 0 || at - told.receivedAt > OLD ? "ask" : "warn";
}

/** The moments, in whole seconds left, at which the time left is said aloud. */
export function isSaid(seconds: number): boolean {
  return seconds === 120 || seconds === 60 || seconds === 30 || seconds === 10;
}
