/** Who is signed in here, what their roles allow, and keeping the session alive while they work. */
import { queryOptions, useQueryClient, useSuspenseQuery } from "@tanstack/react-query";
import { useEffect } from "react";
import { carryToken, client, given } from "./client";

const MICROSECONDS = 1_000; // in a millisecond; instants of the interface are in microseconds
const RENEW_AT_LEAST = 5_000; // ms between two renewals, whatever the clocks say

/** Query of `GET /v1/me`; each answer renews the form token. */
export const meQuery = queryOptions({
  queryKey: ["me"],
  queryFn: async ({ signal }) => {
    const me = await given(client.GET("/v1/me", { signal }));
    carryToken(me.csrf);
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

/** Renews the session when half of its time is over, for as long as the console is open and visible. */
export function useKeptAlive(): void {
  const { session, now } = useMe();
  const queries = useQueryClient();
  useEffect(() => {
    if (session === null || session.expires_at >= session.ends_at) return undefined;
    const wait = Math.max(RENEW_AT_LEAST, (session.expires_at - now) / MICROSECONDS / 2);
    const timer = setTimeout(async () => {
      if (document.visibilityState === "hidden") return;
      await client.POST("/v1/sign-in/renewal");
      await queries.invalidateQueries({ queryKey: meQuery.queryKey });
    }, wait);
    return () => clearTimeout(timer);
  }, [session, now, queries]);
}

/** Milliseconds until the session ends in any case; null for a caller without one. */
export function millisecondsLeft(me: Me): number | null {
  return me.session === null ? null : (me.session.ends_at - me.now) / MICROSECONDS;
}
