/** From a decision that is filled in to one that is signed: stated first, then signed as it was stated. */
import { useQueryClient } from "@tanstack/react-query";
import { useRef, useState } from "react";
import { client, given, ProblemError } from "../../api/client";
import { commandId } from "../../api/kept_commands";
import { isSignedOut } from "../../api/queries";
import { meQuery } from "../../api/session";
import { NotSigned, proofOf } from "../../api/signing";
import { type Problem, problemOf, type SignProof } from "../../design";
import { useWords } from "../../i18n";
import { type Conflict, conflictOf, isOld } from "./conflict";
import type { Draft, TaskDraft } from "./draft";
import { dataOf } from "./form_data";
import { answerOf } from "./review";
import type { Completed, Stated, Task } from "./tasks";

export type Step = "filling" | "stating" | "stated" | "sending" | "done";

export interface Deciding {
  readonly step: Step;
  readonly stated: Stated | null;
  readonly done: Completed | null;
  readonly problem: Problem | null;
  readonly conflict: Conflict | null;
  /** Asks for the statement to sign. */
  readonly state: () => Promise<void>;
  /** Signs what was stated, or completes what is not signed. */
  readonly complete: (proof?: SignProof) => Promise<void>;
  /** What was stated is given up: something of it is changed. */
  readonly reopen: () => void;
}

/** The way of one decision or form to its record. The draft rests while it is sent, and ends with it. */
export function useDeciding(task: Task, inHand: TaskDraft, shownDigest: string): Deciding {
  const { draft } = inHand;
  const say = useWords();
  const queries = useQueryClient();
  const [step, setStep] = useState<Step>("filling");
  const [stated, setStated] = useState<Stated | null>(null);
  const [done, setDone] = useState<Completed | null>(null);
  const [problem, setProblem] = useState<Problem | null>(null);
  const [conflict, setConflict] = useState<Conflict | null>(null);
  const command = useRef(commandId());

  const path = { params: { path: { id: task.id } } };
  const said = {
    outcome: draft.outcome ?? "",
    reason: draft.reason.trim(),
    reason_code: draft.reason_code ?? "",
  };
  const readAgain = () => {
    void queries.invalidateQueries({ queryKey: ["task", task.id] });
    void queries.invalidateQueries({ queryKey: ["tasks"] });
    void queries.invalidateQueries({ queryKey: ["instance", task.instance] });
  };
  const fail = (error: unknown, back: Step) => {
    inHand.resume();
    // It may be the session that is over, or a password that is not right: whoever is asked who is here knows.
    if (isSignedOut(error)) void queries.refetchQueries({ queryKey: meQuery.queryKey });
    setProblem(problemOf(error));
    setConflict(conflictOf(error) ?? null);
    const isAnswered = error instanceof ProblemError && error.status < 500;
    // A clear refusal ends the command; without one it may be on record, and is asked for again under its own id.
    if (isAnswered) command.current = commandId();
    if (isOld(error)) {
      setStated(null);
      setStep("filling");
      readAgain();
    } else setStep(back);
  };
  const state = async () => {
    setStep("stating");
    setProblem(null);
    setConflict(null);
    try {
      setStated(
        await given(
          client.POST("/v1/tasks/{id}/statement", { ...path, body: { ...said, shown_digest: shownDigest } }),
        ),
      );
      setStep("stated");
    } catch (error) {
      fail(error, "filling");
    }
  };
  const complete = async (proof?: SignProof) => {
    setStep("sending");
    setProblem(null);
    setConflict(null);
    try {
      const signed = proof === undefined || stated === null ? {} : await proofOf(proof, stated.digest);
      const data = filledIn(task, draft);
      const body = {
        ...said,
        ...data,
        shown_digest: shownDigest,
        statement_nonce: stated?.nonce ?? "",
        ...signed,
      };
      await inHand.quiet();
      const answer = await given(
        client.POST("/v1/tasks/{id}/completion", {
          ...path,
          body,
          headers: { "Idempotency-Key": command.current },
        }),
      );
      inHand.end();
      setDone(answer);
      setStep("done");
      readAgain();
    } catch (error) {
      if (error instanceof NotSigned) {
        setProblem({ ...NOT_GIVEN, detail: say("task.sign.not-given") });
        return setStep("stated");
      }
      fail(error, stated === null ? "filling" : "stated");
    }
  };
  const reopen = () => {
    setStated(null);
    setProblem(null);
    setStep("filling");
    command.current = commandId();
  };
  return { step, stated, done, problem, conflict, state, complete, reopen };
}

/** What the box says when nobody signed. */
const NOT_GIVEN: Problem = {
  kind: "refused",
  status: 0,
  reason: "NOT_GIVEN",
  detail: "",
  reference: undefined,
  askFor: undefined,
};

/** What goes with a completion as its data: a form, or a corrected answer. */
function filledIn(task: Task, draft: Draft): { data?: Record<string, unknown> } {
  if (task.kind === "task") return { data: dataOf(task.fields, draft.data) };
  if (task.kind === "review" && draft.outcome === "correct")
    return { data: answerOf(task.fields, draft.data) };
  return {};
}
