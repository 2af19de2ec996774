/** How queries behave everywhere: what is fresh, what is tried again, and what a lost session means. */
import { MutationCache, QueryCache, QueryClient } from "@tanstack/react-query";
import { ProblemError } from "./client";

const FRESH = 5_000; // ms: a view that is opened again within this shows what it had, and asks for nothing
const TRIES = 3;

/** Whether an error says that the sign-in session is over. */
export function isSignedOut(error: unknown): boolean {
  return error instanceof ProblemError && error.status === 401;
}

/** A client whose lost sessions are told to `onSignedOut`, once for each answer that says so. */
export function queryClient(onSignedOut: () => void): QueryClient {
  const onError = (error: unknown) => {
    if (isSignedOut(error)) onSignedOut();
  };
  return new QueryClient({
    queryCache: new QueryCache({ onError }),
    mutationCache: new MutationCache({ onError }),
    defaultOptions: {
      queries: { staleTime: FRESH, retry: isWorthAnotherTry, refetchOnWindowFocus: true },
      mutations: { retry: false },
    },
  });
}

/** A refusal stays one however often it is asked; a failure or a lost connection may pass. */
function isWorthAnotherTry(failures: number, error: unknown): boolean {
  if (error instanceof ProblemError && error.status < 500) return false;
  return failures < TRIES;
}
