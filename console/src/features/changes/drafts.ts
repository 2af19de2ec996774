/** What somebody types for a review, kept as it is typed: by the server, and in this tab while the server is away. */
import { useQuery } from "@tanstack/react-query";
import { useEffect, useRef, useState } from "react";
import { client, given, ProblemError } from "../../api/client";
import { useMe } from "../../api/session";

export type Verdict = "approve" | "request changes" | "refuse";

export interface ReviewDraft {
  readonly verdict: Verdict | null;
  readonly reason: string;
}

/** `saved`: the server has it. `unsaved`: this tab alone. `newer`: another window saved another meanwhile. */
export type Keeping = "nothing" | "saving" | "saved" | "unsaved" | "newer";

const PAUSE = 600; // ms of no typing before it is saved
const VERDICTS: readonly Verdict[] = ["approve", "request changes", "refuse"];

/** A draft out of anything; what it does not hold is empty. */
export function draftOf(value: unknown): ReviewDraft {
  const said = typeof value === "object" && value !== null ? (value as Record<string, unknown>) : {};
  return {
    verdict: VERDICTS.find((one) => one === said.verdict) ?? null,
    reason: typeof said.reason === "string" ? said.reason : "",
  };
}

export interface KeptDraft {
  readonly version: number;
  readonly draft: ReviewDraft;
}

/** What was kept for this change request, read once each time it is opened; what this tab could not save goes first. */
export function useKeptDraft(change: string) {
  const place = usePlace(change);
  return useQuery({
    queryKey: ["review-draft", change],
    queryFn: async ({ signal }): Promise<KeptDraft> => {
      const said = await given(
        client.GET("/v1/change-requests/{id}/draft", { params: { path: { id: change } }, signal }),
      );
      const stowed = readStowed(place);
      return { version: said.version, draft: stowed ?? draftOf(said.content) };
    },
    staleTime: Number.POSITIVE_INFINITY,
    gcTime: 0,
  });
}

export interface DraftInHand {
  readonly draft: ReviewDraft;
  readonly keeping: Keeping;
  readonly change: (to: Partial<ReviewDraft>) => void;
  /** Goes on with what is here, over what another window saved. */
  readonly overwrite: () => void;
  /** The review is given: nothing more is kept. */
  readonly end: () => void;
}

/** The draft in hand; it begins with what was kept. Nothing is saved over another window's newer draft unasked. */
export function useDraft(change: string, kept: KeptDraft): DraftInHand {
  const place = usePlace(change);
  const [draft, setDraft] = useState(kept.draft);
  const [keeping, setKeeping] = useState<Keeping>("nothing");
  const version = useRef(kept.version);
  const timer = useRef<ReturnType<typeof setTimeout> | null>(null);
  const isOver = useRef(false);
  const save = async (what: ReviewDraft) => {
    setKeeping("saving");
    try {
      const saved = await given(
        client.PUT("/v1/change-requests/{id}/draft", {
          params: { path: { id: change } },
          body: { content: { ...what }, expected_version: version.current },
          keepalive: true, // it arrives even when the page is being left
        }),
      );
      version.current = Number((saved as Record<string, unknown>).version);
      stow(place, null);
      setKeeping("saved");
    } catch (error) {
      const newer = newerVersion(error);
      if (newer === null) setKeeping("unsaved");
      else {
        version.current = newer;
        setKeeping("newer");
      }
    }
  };
  const later = (what: ReviewDraft) => {
    if (timer.current !== null) clearTimeout(timer.current);
    timer.current = setTimeout(() => {
      timer.current = null;
      if (!isOver.current) void save(what);
    }, PAUSE);
  };
  useEffect(
    () => () => {
      if (timer.current !== null) clearTimeout(timer.current);
    },
    [],
  );
  return {
    draft,
    keeping,
    change: (to) => {
      const next = { ...draft, ...to };
      setDraft(next);
      stow(place, next);
      if (keeping !== "newer") later(next);
    },
    overwrite: () => void save(draft),
    end: () => {
      isOver.current = true;
      if (timer.current !== null) clearTimeout(timer.current);
      stow(place, null);
    },
  };
}

function newerVersion(error: unknown): number | null {
  if (!(error instanceof ProblemError) || error.status !== 409) return null;
  const draft = error.problem.draft;
  if (typeof draft !== "object" || draft === null) return null;
  const { version } = draft as { version?: unknown };
  return typeof version === "number" ? version : null;
}

/** Where what could not be saved waits: in this tab, for this person. */
function usePlace(change: string): string {
  return `muniment.review.${String(useMe().actor.id)}.${change}`;
}

/** Puts what was typed for a place away in this tab; null forgets it. */
export function stow(place: string, what: unknown): void {
  try {
    if (what === null) sessionStorage.removeItem(place);
    else sessionStorage.setItem(place, JSON.stringify(what));
  } catch {
    return; // a browser that keeps nothing
  }
}

/** What this tab has put away for a place, as text; null where there is nothing. */
export function stowed(place: string): string | null {
  try {
    return sessionStorage.getItem(place);
  } catch {
    return null;
  }
}

function readStowed(place: string): ReviewDraft | null {
  const text = stowed(place);
  if (text === null) return null;
  try {
    return draftOf(JSON.parse(text));
  } catch {
    return null;
  }
}
