/** Something was faster: what is shown changed, or somebody else decided. What was typed stays. */
import { Button, FieldDiff, Icon, Time, visible } from "../../design";
import { useFormats, useWords } from "../../i18n";
import type { Conflict } from "./conflict";
import type { Seen } from "./Decision";
import type { Draft } from "./draft";
import { Closed } from "./Receipt";
import type { Task } from "./tasks";
import { label, valueText } from "./value_text";

export interface MovedProps {
  task: Task;
  seen: Seen;
  conflict: Conflict | null;
  onRead: () => void;
}

/** Each shown value that is another now, as it was and as it is; deciding goes on once that was read. */
export function Moved({ task, seen, conflict, onRead }: MovedProps) {
  const say = useWords();
  const formats = useFormats();
  const text = (value: unknown) => (value === undefined ? null : valueText(say, formats, value));
  const told = conflict?.changed ?? changesOf(seen, task);
  const changes = told.map((one) => ({
    field: label(one.field),
    before: text(one.before),
    after: text(one.after),
  }));
  return (
    <section className="moved stack tight" role="alert">
      <p className="row">
        <Icon name="changed" />
        <strong>{say("task.moved.title")}</strong>
      </p>
      <p>{say(changes.length === 0 ? "task.moved.unknown" : "task.moved.detail")}</p>
      {changes.length > 0 && (
        <FieldDiff
          beforeTitle={say("task.moved.before")}
          afterTitle={say("task.moved.after")}
          changes={changes}
        />
      )}
      <div className="row">
        <Button onPress={onRead}>{say("task.moved.go-on")}</Button>
      </div>
    </section>
  );
}

interface Change {
  readonly field: string;
  readonly before: unknown;
  readonly after: unknown;
}

function changesOf(seen: Seen, task: Task): readonly Change[] {
  if (seen.digest === task.shown_digest || Object.keys(seen.shown).length === 0) return [];
  const shown: Readonly<Record<string, unknown>> = task.shown;
  return Object.keys({ ...seen.shown, ...shown })
    .filter((field) => JSON.stringify(seen.shown[field]) !== JSON.stringify(shown[field]))
    .map((field) => ({ field, before: seen.shown[field], after: shown[field] }));
}

export interface OutrunProps {
  task: Task;
  draft: Draft;
  conflict: Conflict | null;
  onNext: (() => void) | undefined;
}

/** Somebody else has the task now, or decided it: who, what and when, and what was typed here and not sent. */
export function Outrun({ task, draft, conflict, onNext }: OutrunProps) {
  const say = useWords();
  const last = conflict?.last;
  const isOver = task.state === "completed" || task.state === "cancelled";
  return (
    <div className="stack">
      {isOver ? (
        <Closed task={task} onNext={onNext} />
      ) : (
        <p className="barred">
          <Icon name="lock" />
          <span>
            {task.holder === "" ? say("task.lost.free") : say("task.held", { who: task.holder_name })}{" "}
            {last != null && <Time at={last.recorded_at} />}
          </span>
        </p>
      )}
      {(draft.reason !== "" || draft.outcome !== null) && (
        <section className="stack tight" aria-label={say("task.unsent")}>
          <h3>{say("task.unsent")}</h3>
          <blockquote className="other-draft">
            {draft.outcome !== null && <strong>{label(draft.outcome)}</strong>} {visible(draft.reason)}
          </blockquote>
        </section>
      )}
    </div>
  );
}
