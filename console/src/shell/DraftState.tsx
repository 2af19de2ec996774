/** Where a draft stands: saved, being saved, or saved newer in another window. */
import type { DraftInHand } from "../api/drafts";
import { Button, problemOf, Time, visible } from "../design";
import { useWords } from "../i18n";
import "./draft_state.css";

export interface DraftStateProps<D> {
  inHand: DraftInHand<D>;
  /** Whether nothing is typed. */
  isEmpty: boolean;
  /** A draft in short, by which somebody tells it from another. */
  summary: (draft: D) => string;
}

/** One line above the fields, and a question where two windows hold different drafts. */
export function DraftState<D>({ inHand, isEmpty, summary }: DraftStateProps<D>) {
  const say = useWords();
  const { state } = inHand;
  if (state.kind === "stale") {
    return (
      <div className="draft-other stack tight" role="alert">
        <p>
          <strong>{say("draft.other")}</strong>
        </p>
        {state.draft !== null && (
          <blockquote className="other-draft">{visible(summary(state.draft))}</blockquote>
        )}
        <div className="row">
          <Button onPress={inHand.take}>{say("draft.take")}</Button>
          <Button onPress={inHand.overwrite}>{say("draft.keep")}</Button>
        </div>
      </div>
    );
  }
  return (
    <div className="row apart draft-state no-print">
      <span className="small muted" role="status">
        {state.kind === "idle" && say(isEmpty ? "draft.empty" : "draft.kept")}
        {state.kind === "saving" && say("draft.saving")}
        {state.kind === "saved" && (
          <>
            {say("draft.saved")} <Time at={state.at} relative={false} zone={false} />
          </>
        )}
        {state.kind === "failed" && say("draft.failed", { detail: problemOf(state.error).detail })}
      </span>
      {!isEmpty && (
        <Button kind="plain" small onPress={() => void inHand.discard()}>
          {say("draft.discard")}
        </Button>
      )}
    </div>
  );
}
