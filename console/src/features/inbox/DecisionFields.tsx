/** What a person fills in: the outcome with what follows it, the reason, the fields of a form. */
import { lazy, Suspense } from "react";
import { REASON_MAX } from "../../api/reason";
import { AreaField, Loading, type Option, RadioField } from "../../design";
import { useWords } from "../../i18n";
import { codesOf } from "./codes_of";
import type { Draft } from "./draft";
import type { FieldFault } from "./form_data";
import { outcomeWords } from "./outcome_words";
import { typedOf } from "./review";
import type { Task } from "./tasks";
import { label } from "./value_text";

/** Dates and amounts are typed on few tasks: their controls come when one of those is opened. */
const FormFields = lazy(() => import("./FormFields"));
const Codes = lazy(() => import("./Codes"));
const Correction = lazy(() => import("./Correction"));

export interface DecisionFieldsProps {
  task: Task;
  draft: Draft;
  faults: Readonly<Record<string, FieldFault>>;
  onChange: (to: Partial<Draft>) => void;
  disabled: boolean;
}

/** The fields. No outcome is chosen beforehand; one that is closed to this person says why. */
export function DecisionFields({ task, draft, faults, onChange, disabled }: DecisionFieldsProps) {
  const say = useWords();
  const isReview = task.kind === "review";
  const hasReason = task.kind !== "task" || task.reason_required;
  const needsReason = task.reason_required || (isReview && draft.outcome === "reject");
  return (
    <div className="stack">
      {task.kind !== "task" && (
        <RadioField
          label={say(isReview ? "task.review.what" : "task.outcome")}
          required
          disabled={disabled}
          value={draft.outcome}
          options={task.choices.map((choice) =>
            optionOf(choice, outcomeWords(say, task, choice.outcome), (title) =>
              say("task.outcome.next", { title }),
            ),
          )}
          error={faults.outcome && say("task.outcome.missing")}
          onChange={(outcome) =>
            onChange({ outcome, ...begun(task, draft, outcome), ...coded(task, draft, outcome) })
          }
        />
      )}
      {task.kind === "task" && (
        <Suspense fallback={<Loading />}>
          <FormFields
            fields={task.fields}
            currency={task.currency}
            draft={draft}
            faults={faults}
            onChange={(data) => onChange({ data })}
          />
        </Suspense>
      )}
      {isReview && draft.outcome === "correct" && (
        <Suspense fallback={<Loading />}>
          <Correction task={task} draft={draft} faults={faults} onChange={(data) => onChange({ data })} />
        </Suspense>
      )}
      {hasReason && codesOf(task, draft.outcome) !== null && (
        <Suspense fallback={<Loading lines={1} />}>
          <Codes task={task} draft={draft} faults={faults} onChange={onChange} disabled={disabled} />
        </Suspense>
      )}
      {hasReason && (
        <AreaField
          label={say("task.reason")}
          hint={say(needsReason ? "task.reason.hint" : "task.reason.hint-optional", {
            max: REASON_MAX,
          })}
          required={needsReason}
          disabled={disabled}
          maxLength={REASON_MAX}
          value={draft.reason}
          error={faults.reason && say("task.reason.missing")}
          onChange={(reason) => onChange({ reason })}
        />
      )}
    </div>
  );
}

/** A correction begins with what the agent answered, once. */
function begun(task: Task, draft: Draft, outcome: string | null): Partial<Draft> {
  if (task.proposal === null || outcome !== "correct" || Object.keys(draft.data).length > 0) return {};
  return { data: typedOf(task.fields, task.proposal.output) };
}

/** A code of another list is not handed on to an outcome that has its own. */
function coded(task: Task, draft: Draft, outcome: string | null): Partial<Draft> {
  const isKept = codesOf(task, outcome)?.list === codesOf(task, draft.outcome)?.list;
  return isKept ? {} : { reason_code: null };
}

function optionOf(choice: Task["choices"][number], words: string, next: (title: string) => string): Option {
  const { outcome, barred } = choice;
  if (barred !== null)
    return { id: outcome, label: words, detail: barred.detail, wording: barred.wording, disabled: true };
  const after = choice.next;
  return after === null
    ? { id: outcome, label: words }
    : { id: outcome, label: words, detail: next(label(after.title)) };
}
