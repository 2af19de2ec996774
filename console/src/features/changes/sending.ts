/** Commands about a change request: the same id between tries of the same command, and everything read again after. */
import { useMutation, useQueryClient } from "@tanstack/react-query";
import { useRef } from "react";
import { commandId, ProblemError } from "../../api/client";

/** Where the record of a command stands. */
export interface Recorded {
  readonly receipt: { readonly log: string; readonly index: number };
}

/** Sends a command about a change request. `send` is given the id that the command keeps until it is answered. */
export function useCommand<V, A extends Recorded>(change: string, send: (what: V, id: string) => Promise<A>) {
  const queries = useQueryClient();
  const last = useRef<{ what: string; id: string } | null>(null);
  return useMutation({
    mutationFn: (what: V) => {
      const said = JSON.stringify(what);
      if (last.current?.what !== said) last.current = { what: said, id: commandId() };
      return send(what, last.current.id);
    },
    onSettled: async (_, error) => {
      // Where no answer came it may have been carried out: the next try is the same command. A refusal is an answer.
      if (error === null || (error instanceof ProblemError && error.status < 500)) last.current = null;
      await Promise.all([
        queries.invalidateQueries({ queryKey: ["change", change] }),
        queries.invalidateQueries({ queryKey: ["changes"] }),
      ]);
    },
  });
}
