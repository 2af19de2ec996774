/** Where the draft stands: saved, being saved, or saved newer in another window. */
import { Button, problemOf, Time, visible } from "../../design";
import { useWords } from "../../i18n";
import type { DraftInHand } from "./drafts";

/** One line above the fields, and a question where two windows hold different drafts. */
export function DraftState({ inHand }: { inHand: DraftInHand }) {
  const say = useWords();
  const { state, draft } = inHand;
  if (state.kind === "stale") {
    return (
      <div className="moved stack tight" role="alert">
        <p>
          <strong>{say("task.draft.other")}</strong>
        </p>
        {state.draft !== null && (
          <blockquote className="other-draft">{visible(summary(state.draft))}</blockquote>
        )}
        <div className="row">
          <Button onPress={inHand.take}>{say("task.draft.take")}</Button>
          <Button onPress={inHand.overwrite}>{say("task.draft.keep")}</Button>
        </div>
      </div>
    );
  }
  const isEmpty = draft.reason === "" && draft.outcome === null && Object.keys(draft.data).length === 0;
  return (
    <div className="row apart draft-state no-print">
      <span className="small muted" role="status">
        {state.kind === "idle" && say(isEmpty ? "task.draft.empty" : "task.draft.kept")}
        {state.kind === "saving" && say("task.draft.saving")}
        {state.kind === "saved" && (
          <>
            {say("task.draft.saved")} <Time at={state.at} relative={false} zone={false} />
          </>
        )}
        {state.kind === "failed" && say("task.draft.failed", { detail: problemOf(state.error).detail })}
      </span>
      {!isEmpty && (
        <Button kind="plain" small onPress={() => void inHand.discard()}>
          {say("task.draft.discard")}
        </Button>
      )}
    </div>
  );
}

function summary(draft: { outcome: string | null; reason: string }): string {
  return [draft.outcome, draft.reason].filter((part) => part !== null && part !== "").join(": ");
}
