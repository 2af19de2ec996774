/** What is said where a person may not do a task. */
import { Icon, ServerWords, useReasonWords } from "../../design";
import { useWords } from "../../i18n";
import type { Task } from "./tasks";

/** Why this person may not decide, before they type anything. */
export function Barred({ task }: { task: Task }) {
  const say = useWords();
  const words = useReasonWords()(task.barred?.reason ?? "");
  if (task.barred === null) return null;
  return (
    <div className="barred" role="note">
      <Icon name="lock" />
      <div className="stack tight">
        <p>
          <strong>{say(task.kind === "decide" ? "task.barred.decide" : "task.barred.form")}</strong>
        </p>
        {words && <p>{`${words.what} ${words.act}`}</p>}
        <p className="notice-codes">
          <ServerWords text={task.barred.detail} wording={task.barred.wording} />
          <span>{say("state.error.reason", { reason: task.barred.reason })}</span>
        </p>
      </div>
    </div>
  );
}
