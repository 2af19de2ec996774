/** Live updates: what was read of a topic is read again when the server says that something of it changed. */
import { type QueryClient, type QueryKey, useQueryClient } from "@tanstack/react-query";
import { useEffect, useMemo } from "react";
import { LiveFeed, type Topic } from "./live_feed";

export type { Topic } from "./live_feed";

const feed = new LiveFeed({
  open: (address) => new EventSource(address),
  isHidden: () => document.visibilityState === "hidden",
});
document.addEventListener("visibilitychange", () => feed.looked());

/**
 * Keeps queries fresh while a screen is up: `useLive("instance:pi_...", [["instance", id]])`. Null follows nothing:
 * give it until it is known that the person may read the thing.
 */
export function useLive(topic: Topic | null, queryKeys: readonly QueryKey[]): void {
  const queries = useQueryClient();
  const named = JSON.stringify(queryKeys);
  const keys = useMemo(() => JSON.parse(named) as QueryKey[], [named]);
  useEffect(() => {
    if (topic === null) return undefined;
    return feed.follow(topic, readingAgain(queries, keys));
  }, [topic, queries, keys]);
}

/** Reads queries again, one round at a time: a change during a round starts another, and never stops the first. */
export function readingAgain(queries: QueryClient, keys: readonly QueryKey[]): () => void {
  let isReading = false;
  let isOld = false;
  const read = async () => {
    isReading = true;
    do {
      isOld = false;
      await Promise.all(keys.map((queryKey) => queries.invalidateQueries({ queryKey })));
    } while (isOld);
    isReading = false;
  };
  return () => {
    if (isReading) isOld = true;
    else void read();
  };
}
