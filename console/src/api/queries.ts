/** How queries behave everywhere: what is fresh, what is tried again, and what a lost session means. */
import { MutationCache, QueryCache, QueryClient } from "@tanstack/react-query";
import { ProblemError } from "./client";
import { meQuery } from "./session";

const FRESH = 5_000; // ms: a view that is opened again within this shows what it had, and asks for nothing
const TRIES = 3;

/** Whether an answer to a question says that the sign-in session is over. */
export function isSignedOut(error: unknown): boolean {
  return error instanceof ProblemError && error.status === 401;
}

/**
 * A client whose lost sessions are told to `onSignedOut`, once for each answer that says so.
 *
 * A write may be refused with 401 for a wrong password that it carried, while the session goes on: then it is asked
 * who is here, and that answer counts.
 */
export function queryClient(onSignedOut: () => void): QueryClient {
  const client: QueryClient = new QueryClient({
    queryCache: new QueryCache({
      onError: (error) => {
        if (isSignedOut(error)) onSignedOut();
      },
    }),
    mutationCache: new MutationCache({
      onError: (error) => {
        if (isSignedOut(error)) void client.refetchQueries({ queryKey: meQuery.queryKey });
      },
    }),
    defaultOptions: {
      queries: { staleTime: FRESH, retry: isWorthAnotherTry, refetchOnWindowFocus: true },
      // At once also where the browser thinks it is offline: else it waits unseen, and is sent when nobody looks.
      mutations: { retry: false, networkMode: "always" },
    },
  });
  return client;
}

/** A refusal stays one however often it is asked; a failure or a lost connection may pass. */
function isWorthAnotherTry(failures: number, error: unknown): boolean {
  if (error instanceof ProblemError && error.status < 500) return false;
  return failures < TRIES;
}
