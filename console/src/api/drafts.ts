/** What is typed and not sent: read once when its form is opened, then kept by the server as it is typed. */
import { useQuery, useQueryClient } from "@tanstack/react-query";
import { useEffect, useRef, useState } from "react";
import { client, given, ProblemError } from "./client";
import { DraftKeeper, type KeepState, type Put } from "./draft_keeper";
import { isSignedOut } from "./queries";
import { meQuery, useMe } from "./session";
import { stow, stowed } from "./stowed";

const CARRIED_BYTES_MAX = 60_000;

/** Where the server keeps a draft, of what, and how what was kept becomes one. */
export interface Keeps<D> {
  readonly at: "/v1/tasks/{id}/draft" | "/v1/change-requests/{id}/draft" | "/v1/change-drafts/{id}";
  readonly id: string;
  /** Whatever it holds wrongly, or not, is empty; null for what is no draft at all. */
  readonly read: (value: unknown) => D | null;
}

/** The draft as it was kept, and its version: 0 where there is none. */
export interface KeptDraft<D> {
  readonly draft: D | null;
  readonly version: number;
  /** It could not be saved when it was typed: the session ended, or the line was lost. */
  readonly isStowed: boolean;
  /** What another window saved since then. */
  readonly newer: D | null;
}

/** Reads a draft, once for each time its form is opened. */
export function useKeptDraft<D>(keeps: Keeps<D>) {
  const person = useMe().actor.id;
  return useQuery({
    queryKey: ["draft", keeps.at, keeps.id],
    queryFn: async ({ signal }): Promise<KeptDraft<D>> => {
      const said = await given(client.GET(keeps.at, { ...paramsOf(keeps), signal }));
      const saved = keeps.read(said.content);
      const waiting = stowed(String(person), placeOf(keeps));
      const typed = waiting === null ? null : keeps.read(waiting.draft);
      const isSaved = typed === null || JSON.stringify(typed) === JSON.stringify(saved);
      const isNewer = !isSaved && said.version !== waiting?.version && saved !== null;
      return {
        draft: isSaved ? saved : typed,
        version: said.version,
        isStowed: !isSaved,
        newer: isNewer ? saved : null,
      };
    },
    staleTime: Number.POSITIVE_INFINITY,
    gcTime: 0,
  });
}

export interface DraftInHand<D> {
  readonly draft: D;
  readonly state: KeepState<D>;
  readonly change: (to: Partial<D>) => void;
  /** Goes on with what another window saved. */
  readonly take: () => void;
  /** Goes on with what is here. */
  readonly overwrite: () => void;
  readonly discard: () => Promise<void>;
  /** Before it is sent: nothing is saved meanwhile. */
  readonly quiet: () => Promise<void>;
  /** It was refused: saving goes on. */
  readonly resume: () => void;
  /** What it was for is over, and the draft goes with it. */
  readonly end: () => void;
  /** It was sent, and what it was for goes on: nothing more is saved, and what was is forgotten. */
  readonly drop: () => Promise<void>;
}

/** The draft in hand. It begins with what was kept. */
export function useDraft<D extends object>(keeps: Keeps<D>, kept: KeptDraft<D>, empty: D): DraftInHand<D> {
  const person = String(useMe().actor.id);
  const [draft, setDraft] = useState<D>(kept.draft ?? empty);
  const [state, setState] = useState<KeepState<D>>(
    kept.newer === null ? { kind: "idle" } : { kind: "stale", version: kept.version, draft: kept.newer },
  );
  const queries = useQueryClient();
  const made = useRef<DraftKeeper<D> | null>(null);
  made.current ??= new DraftKeeper(kept.version, {
    put: async (content, version) => {
      const came = await put(keeps, content, version);
      // Whoever types is told at once that the session is over: this may be the only thing that their page asks.
      if (came.kind === "failed" && isSignedOut(came.error)) {
        void queries.refetchQueries({ queryKey: meQuery.queryKey });
      }
      return came;
    },
    tell: setState,
    stow: (content) => stow(person, placeOf(keeps), content),
  });
  const keeper = made.current;
  const change = (to: Partial<D>) => {
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
      await forget(keeps);
    },
    quiet: () => keeper.quiet(),
    resume: () => keeper.resume(),
    end: () => keeper.end(),
    drop: async () => {
      keeper.end();
      await keeper.quiet(); // what is being saved now would be there again
      await forget(keeps).catch(() => undefined); // what was sent is sent; a draft that stays ends by itself
    },
  };
}

async function put<D extends object>(keeps: Keeps<D>, draft: D, version: number): Promise<Put<D>> {
  const body = { content: { ...draft } as Record<string, unknown>, expected_version: version };
  // It arrives even when the page is being left, as far as browsers let it: they carry this much and no more.
  const keepalive = new Blob([JSON.stringify(body)]).size < CARRIED_BYTES_MAX;
  try {
    const saved = await given(client.PUT(keeps.at, { ...paramsOf(keeps), body, keepalive }));
    return { kind: "saved", version: Number(saved.version), at: Number(saved.saved_at) };
  } catch (error) {
    const newer = error instanceof ProblemError && error.status === 409 ? error.problem.draft : undefined;
    if (typeof newer !== "object" || newer === null) return { kind: "failed", error };
    const said = newer as { version?: unknown; content?: unknown };
    return { kind: "stale", version: Number(said.version ?? 0), draft: keeps.read(said.content) };
  }
}

async function forget<D>(keeps: Keeps<D>): Promise<void> {
  await client.DELETE(keeps.at, paramsOf(keeps));
}

function paramsOf<D>({ id }: Keeps<D>) {
  return { params: { path: { id } } };
}

function placeOf<D>({ at, id }: Keeps<D>): string {
  return at.replace("{id}", id);
}
