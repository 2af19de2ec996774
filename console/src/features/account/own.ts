/** What one asks and sends about one's own account: the keys of the queries, and what a change makes old. */
import { useQuery, useQueryClient } from "@tanstack/react-query";
import { client, given } from "../../api/client";
import type { components } from "../../api/schema";
import { useMe } from "../../api/session";
import { useNow } from "../../design";

export type Passkey = components["schemas"]["PasskeyItem"];

const PASSKEYS = ["me", "passkeys"];
const FACTOR = ["me", "second-factor"];

/** One's own passkeys. */
export function usePasskeys() {
  return useQuery({
    queryKey: PASSKEYS,
    queryFn: ({ signal }) => given(client.GET("/v1/me/passkeys", { signal })),
  });
}

/** Where one's own second factor stands. */
export function useFactor() {
  return useQuery({
    queryKey: FACTOR,
    queryFn: ({ signal }) => given(client.GET("/v1/me/second-factor", { signal })),
  });
}

/** Asks anew who one is and what one has: after any change of it. */
export function useRefreshed(): () => Promise<void> {
  const queries = useQueryClient();
  return () => queries.invalidateQueries({ queryKey: ["me"] });
}

/** Whether this sign-in is fresh enough to change what signs in, and how it began. */
export function useFreshness(): { readonly isFresh: boolean; readonly method: string } {
  const { session } = useMe();
  const now = useNow();
  if (session === null) return { isFresh: false, method: "" };
  return { isFresh: now.getTime() < session.fresh_until / 1_000, method: session.method };
}
