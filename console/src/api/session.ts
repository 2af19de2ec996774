/** Who is signed in here, what their roles allow, and keeping the session alive while they work. */
import { queryOptions, useQueryClient, useSuspenseQuery } from "@tanstack/react-query";
import { useCallback, useEffect, useRef, useState } from "react";
import { carryToken, client, given } from "./client";
import { openCommandsOf } from "./open_commands";
import { type Ending, endingOf, SOON, stepOf } from "./session_time";

const LOOK = 1_000; // ms between two looks at the clock
const AGAIN = 10_000; // ms before the server is asked once more for what it did not answer
const WORK = ["pointerdown", "keydown", "wheel", "touchmove"] as const;

/** Query of `GET /v1/me`; each answer renews the form token. */
export const meQuery = queryOptions({
  queryKey: ["me"],
  queryFn: async ({ signal }) => {
    const me = await given(client.GET("/v1/me", { signal }));
    carryToken(me.csrf);
    openCommandsOf(String(me.actor.id));
    return me;
  },
  staleTime: 60_000,
});

export type Me = Awaited<ReturnType<NonNullable<typeof meQuery.queryFn>>>;

/** Whoever is signed in; suspends until that is known. */
export function useMe(): Me {
  return useSuspenseQuery(meQuery).data;
}

/** Whether the roles of the person allow an act, `object:action`, in some domain. The server judges each try anew. */
export function useMay(): (act: string) => boolean {
  const { may } = useMe();
  return (act) => may.includes(act);
}

export interface Session {
  /** How it ends, once that is near; null while it is not. */
  readonly ending: Ending | null;
  /** Prolongs it, where it can be. */
  readonly stay: () => Promise<void>;
}

/**
 * The session of whoever works here. It is renewed for somebody at work: who has typed, pressed or scrolled since it
 * was last. A console that is only open ends, as the server's limit wants it, after a warning.
 */
export function useSession(): Session {
  const { data: me, dataUpdatedAt } = useSuspenseQuery(meQuery);
  const queries = useQueryClient();
  const [ending, setEnding] = useState<Ending | null>(null);
  const isAtWork = useWork();
  const askedAt = useRef(0);
  const { session, now } = me;
  const ask = useCallback(() => queries.invalidateQueries({ queryKey: meQuery.queryKey }), [queries]);
  const stay = useCallback(async () => {
    isAtWork.current = false;
    askedAt.current = Date.now();
    await client.POST("/v1/sign-in/renewal");
    await ask();
  }, [ask, isAtWork]);
  useEffect(() => {
    if (session === null) return undefined;
    const told = { now, expiresAt: session.expires_at, endsAt: session.ends_at, receivedAt: dataUpdatedAt };
    const look = () => {
      const at = Date.now();
      const end = endingOf(told, at);
      setEnding(end.left <= SOON ? end : null);
      const step = stepOf(told, at, isAtWork.current);
      if ((step !== "renew" && step !== "ask") || at - askedAt.current < AGAIN) return;
      askedAt.current = at;
      // Another window may have renewed it, or ended it: only the server knows.
      void (step === "renew" ? stay() : ask());
    };
    look();
    const timer = setInterval(look, LOOK);
    return () => clearInterval(timer);
  }, [now, session, dataUpdatedAt, ask, stay, isAtWork]);
  return { ending, stay };
}

/** Turns true when somebody works at this page. */
function useWork() {
  const isAtWork = useRef(false);
  useEffect(() => {
    const work = () => {
      isAtWork.current = true;
    };
    for (const sign of WORK) window.addEventListener(sign, work, { passive: true, capture: true });
    return () => {
      for (const sign of WORK) window.removeEventListener(sign, work, { capture: true });
    };
  }, []);
  return isAtWork;
}
