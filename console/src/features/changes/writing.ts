/** A change that is being written: what it says, what the checks find in it, and sending it. */
import { useMutation } from "@tanstack/react-query";
import { client, given, ProblemError } from "../../api/client";
import type { Finding } from "./reading";
import { SOURCE_BYTES_MAX } from "./SourceField";

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
    return { rule, severity: "error", message, wording: null, location };
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
