/** Commands about a change request: the same id between tries of the same command, and everything read again after. */

import { type QueryClient, useQueryClient } from "@tanstack/react-query";
import { useRef } from "react";
import { client, given, ProblemError } from "../../api/client";
import { commandId } from "../../api/kept_commands";
import { proofOf } from "../../api/signing";
import { useWrite } from "../../api/writing";
import type { SignProof } from "../../design";
import type { Verdict } from "./drafts";

/** Where the record of a command stands. */
export interface Recorded {
  readonly receipt: { readonly log: string; readonly index: number };
}

/** Whether an error is an answer: without one the command may be on record all the same. */
function isAnswer(error: Error | null): boolean {
  return error === null || (error instanceof ProblemError && error.status < 500);
}

async function readAgain(queries: QueryClient, change: string): Promise<void> {
  await Promise.all([
    queries.invalidateQueries({ queryKey: ["change", change] }),
    queries.invalidateQueries({ queryKey: ["changes"] }),
    queries.invalidateQueries({ queryKey: ["blueprints"] }),
  ]);
}

/** Sends a command about a change request. */
export function useCommand<V extends string>(change: string, send: (what: V) => Promise<Recorded>) {
  const queries = useQueryClient();
  return useWrite({
    send,
    onSettled: () => readAgain(queries, change),
  });
}

/** A review of the content with this digest, as it stood at this revision. */
export interface Said {
  readonly verdict: Verdict;
  readonly reason: string;
  readonly digest: string;
  readonly revision: number;
}

interface Begun {
  readonly said: string;
  readonly id: string;
  readonly stated: { readonly nonce: string; readonly digest: string } | null;
}

/** Gives a review: what is signed is stated first, then signed, then sent. A proof is used once and kept nowhere. */
export function useReview(change: string) {
  const queries = useQueryClient();
  const begun = useRef<Begun | null>(null);
  const proof = useRef<SignProof | null>(null);
  const params = { path: { id: change } };
  const review = useWrite({
    send: async (said: Said): Promise<Recorded> => {
      const own = proof.current;
      proof.current = null;
      const { verdict, reason, digest, revision } = said;
      const text = JSON.stringify([verdict, reason, digest]);
      if (begun.current?.said !== text) {
        const body = { verdict, reason, digest };
        const stated =
          own === null
            ? null
            : await given(client.POST("/v1/change-requests/{id}/statement", { params, body }));
        begun.current = { said: text, id: commandId(), stated };
      }
      const { id, stated } = begun.current;
      const signed =
        own === null || stated === null
          ? {}
          : { statement_nonce: stated.nonce, ...(await proofOf(own, stated.digest)) };
      return given(
        client.POST("/v1/change-requests/{id}/reviews", {
          params,
          headers: { "Idempotency-Key": id },
          body: { verdict, reason, digest, expected_revision: revision, ...signed },
        }),
      );
    },
    onSettled: async (_, error) => {
      if (isAnswer(error)) begun.current = null;
      await readAgain(queries, change);
    },
  });
  return {
    ...review,
    give: (said: Said, signedBy: SignProof | null, onGiven: (receipt: Recorded["receipt"]) => void) => {
      proof.current = signedBy;
      review.mutate(said, { onSuccess: (answer) => onGiven(answer.receipt) });
    },
  };
}
