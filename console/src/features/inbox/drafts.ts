/** The draft of one task: read once when the task is opened, then kept as it is typed. */
import { useQuery } from "@tanstack/react-query";
import { useEffect, useRef, useState } from "react";
import { client, given, ProblemError } from "../../api/client";
import { useMe } from "../../api/session";
import { type Draft, DraftKeeper, type KeepState, type Put } from "./draft_keeper";
import { draftOf, stow, stowed } from "./stowed";

/** The draft as it was kept, and its version: 0 where there is none. */
export interface KeptDraft {
  readonly draft: Draft | null;
  readonly version: number;
  /** It could not be saved when it was typed: the session ended, or the line was lost. */
  readonly isStowed: boolean;
  /** What another window saved since then. */
  readonly newer: Draft | null;
}

/** Reads the draft of a task, once for each time it is opened. */
export function useKeptDraft(task: string) {
  const person = useMe().actor.id;
  return useQuery({
    queryKey: ["draft", task],
    queryFn: async ({ signal }): Promise<KeptDraft> => {
      const said = await given(
        client.GET("/v1/tasks/{id}/draft", { params: { path: { id: task } }, signal }),
      );
      const saved = draftOf(said.content);
      const waiting = stowed(String(person), task);
      const isSaved = waiting === null || JSON.stringify(waiting.draft) === JSON.stringify(saved);
      const isNewer = !isSaved && said.version !== waiting.version && saved !== null;
      return {
        draft: isSaved ? saved : waiting.draft,
        version: said.version,
        isStowed: !isSaved,
        newer: isNewer ? saved : null,
      };
    },
    staleTime: Number.POSITIVE_INFINITY,
    gcTime: 0,
  });
}

export interface DraftInHand {
  readonly draft: Draft;
  readonly state: KeepState;
  readonly change: (to: Partial<Draft>) => void;
  /** Goes on with what another window saved. */
  readonly take: () => void;
  /** Goes on with what is here. */
  readonly overwrite: () => void;
  readonly discard: () => Promise<void>;
  /** Before it is sent: nothing is saved meanwhile. */
  readonly quiet: () => Promise<void>;
  /** It was refused: saving goes on. */
  readonly resume: () => void;
  /** The task is done: nothing more is to be saved. */
  readonly end: () => void;
}

/** The draft in hand. It begins with what was kept. */
export function useDraft(task: string, kept: KeptDraft, empty: Draft): DraftInHand {
  const person = String(useMe().actor.id);
  const [draft, setDraft] = useState<Draft>(kept.draft ?? empty);
  const [state, setState] = useState<KeepState>(
    kept.newer === null ? { kind: "idle" } : { kind: "stale", version: kept.version, draft: kept.newer },
  );
  const made = useRef<DraftKeeper | null>(null);
  made.current ??= new DraftKeeper(kept.version, {
    put: (content, version) => put(task, content, version),
    tell: setState,
    stow: (content) => stow(person, task, content),
  });
  const keeper = made.current;
  const change = (to: Partial<Draft>) => {
    const next = { ...draft, ...to };
    setDraft(next);
    keeper.change(next);
  };
  // biome-ignore lint/correctness/useExhaustiveDependencies: what could not be saved is saved once, at the beginning
  useEffect(() => {
    if (kept.newer !== null) keeper.hold(draft);
    else if (kept.isStowed) keeper.change(draft);
  }, []);
  useEffect(() => {
    const leave = () => keeper.flush();
    window.addEventListener("pagehide", leave);
    return () => {
      window.removeEventListener("pagehide", leave);
      leave();
    };
  }, [keeper]);
  return {
    draft,
    state,
    change,
    take: () => {
      if (state.kind !== "stale") return;
      setDraft(state.draft ?? empty);
      keeper.take(state.version);
    },
    overwrite: () => {
      if (state.kind === "stale") keeper.overwrite(state.version);
    },
    discard: async () => {
      keeper.take(0);
      setDraft(empty);
      await client.DELETE("/v1/tasks/{id}/draft", { params: { path: { id: task } } });
    },
    quiet: () => keeper.quiet(),
    resume: () => keeper.resume(),
    end: () => keeper.end(),
  };
}

async function put(task: string, draft: Draft, version: number): Promise<Put> {
  try {
    const saved = await given(
      client.PUT("/v1/tasks/{id}/draft", {
        params: { path: { id: task } },
        body: { content: { ...draft }, expected_version: version },
        keepalive: true, // it arrives even when the page is being left
      }),
    );
    return { kind: "saved", version: Number(saved.version), at: Number(saved.saved_at) };
  } catch (error) {
    const newer = error instanceof ProblemError && error.status === 409 ? error.problem.draft : undefined;
    if (typeof newer !== "object" || newer === null) return { kind: "failed", error };
    const said = newer as { version?: unknown; content?: unknown };
    return { kind: "stale", version: Number(said.version ?? 0), draft: draftOf(said.content) };
  }
}
