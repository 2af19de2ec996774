/** When a session is renewed and when its end is near: by the server's clock, whatever ours says. */
import { describe, expect, it } from "vitest";
import { endingOf, isSaid, OLD, RENEWED_UNDER, SOON, stepOf, type Told } from "../src/api/session_time";

const MINUTE = 60_000;
const micro = (milliseconds: number) => milliseconds * 1_000;
const RECEIVED = 5_000_000; // ours; the server's clock is far ahead of it

function told(idleMinutes: number, endMinutes: number): Told {
  const now = micro(90_000_000);
  return {
    now,
    expiresAt: now + micro(idleMinutes * MINUTE),
    endsAt: now + micro(endMinutes * MINUTE),
    receivedAt: RECEIVED,
  };
}

describe("the end of a session", () => {
  it("is the nearer of the two, counted from when it was told", () => {
    expect(endingOf(told(15, 480), RECEIVED + MINUTE)).toEqual({ left: 14 * MINUTE, canStay: true });
    expect(endingOf(told(3, 3), RECEIVED + MINUTE)).toEqual({ left: 2 * MINUTE, canStay: false });
    expect(endingOf(told(9, 5), RECEIVED)).toEqual({ left: 5 * MINUTE, canStay: false });
  });

  it("is warned of two minutes before, after asking whether it still stands", () => {
    const late = RECEIVED + 13 * MINUTE;
    expect(stepOf(told(15, 480), late - 1, false)).toBe("nothing");
    expect(stepOf(told(15, 480), late, false)).toBe("ask");
    expect(stepOf(told(2, 480), RECEIVED + OLD, false)).toBe("warn");
    expect(stepOf(told(2, 480), RECEIVED + OLD + 1, false)).toBe("ask");
    expect(stepOf(told(0, 480), RECEIVED, false)).toBe("ask");
    expect(SOON).toBe(2 * MINUTE);
  });

  it("is put off for somebody at work, and for nobody else", () => {
    const soon = RECEIVED + 15 * MINUTE - RENEWED_UNDER;
    expect(stepOf(told(15, 480), soon, true)).toBe("nothing");
    expect(stepOf(told(15, 480), soon + 1, true)).toBe("renew");
    expect(stepOf(told(15, 480), soon + 1, false)).toBe("nothing");
    expect(stepOf(told(1, 480), RECEIVED, true)).toBe("renew");
  });

  it("cannot be put off past the end in any case, nor once it is over", () => {
    expect(stepOf(told(1, 1), RECEIVED, true)).toBe("warn");
    expect(stepOf(told(0, 480), RECEIVED, true)).toBe("ask");
  });

  it("is said aloud at few moments", () => {
    expect(Array.from({ length: 121 }, (_, second) => second).filter(isSaid)).toEqual([10, 30, 60, 120]);
  });
});
