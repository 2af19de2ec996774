/** A change that is being written: what it says, what the checks find in it, and sending it. */
import { useMutation } from "@tanstack/react-query";
import { useState } from "react";
import { client, given, ProblemError } from "../../api/client";
import { useMe } from "../../api/session";
import { stow, stowed } from "./drafts";
import type { Finding } from "./reading";
import { SOURCE_BYTES_MAX } from "./SourceField";

export interface Written {
  readonly kind: string;
  readonly title: string;
  readonly reason: string;
  readonly source: string;
}

/** What is written, kept in this tab until it is sent: a session that ends, or a closed dialog, loses nothing. */
export function useWritten(place: string, begin: Written) {
  const key = `muniment.write.${String(useMe().actor.id)}.${place}`;
  const [written, setWritten] = useState<Written>(() => readWritten(key) ?? begin);
  return {
    written,
    isKept: written !== begin,
    change: (to: Partial<Written>) => {
      const next = { ...written, ...to };
      setWritten(next);
      stow(key, next);
    },
    again: () => {
      setWritten(begin);
      stow(key, null);
    },
    forget: () => stow(key, null),
  };
}

function readWritten(key: string): Written | null {
  try {
    const said = JSON.parse(stowed(key) ?? "null") as Partial<Written> | null;
    if (said === null || typeof said.source !== "string") return null;
    return {
      kind: said.kind ?? "blueprint",
      title: said.title ?? "",
      reason: said.reason ?? "",
      source: said.source,
    };
  } catch {
    return null;
  }
}

/** Checks a source without proposing it. Its answer tells of the text it was asked about, and of no other. */
export function useSourceCheck() {
  const check = useMutation({
    mutationFn: async ({ kind, source }: { kind: string; source: string }) => ({
      source,
      ...(await given(client.POST("/v1/source-checks", { body: { kind, source } }))),
    }),
  });
  return check;
}

/** The findings in a refusal of the checks; null for any other error. */
export function findingsOf(error: unknown): readonly Finding[] | null {
  if (!(error instanceof ProblemError) || error.problem.reason !== "CHECKS_FAILED") return null;
  const details = error.problem.details;
  if (typeof details !== "object" || details === null) return null;
  return Object.entries(details as Record<string, string>).map(([rule, text]) => {
    const [, location = "", message = text] = /^(\d+:\d+): (.*)$/s.exec(text) ?? [];
    return { rule, severity: "error", message, location };
  });
}

/** The text of a chosen file; null where it is too large or no text. */
export async function readFile(file: File): Promise<string | null> {
  if (file.size > SOURCE_BYTES_MAX) return null;
  try {
    return new TextDecoder("utf-8", { fatal: true }).decode(await file.arrayBuffer()).replace(/\r\n?/g, "\n");
  } catch {
    return null;
  }
}
