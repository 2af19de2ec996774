/** What a person fills in: the outcome with what follows it, the reason, the fields of a form. */
import { lazy, Suspense } from "react";
import { AreaField, Loading, type Option, RadioField } from "../../design";
import { useWords } from "../../i18n";
import type { Draft } from "./draft";
import type { FieldFault } from "./form_data";
import type { Task } from "./tasks";
import { label } from "./value_text";

/** Dates and amounts are typed on few tasks: their controls come when one of those is opened. */
const FormFields = lazy(() => import("./FormFields"));
const Codes = lazy(() => import("./Codes"));

const REASON_MAX = 2_000; // characters, as the interface takes them

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
  const hasReason = task.kind === "decide" || task.reason_required;
  return (
    <div className="stack">
      {task.kind === "decide" && (
        <RadioField
          label={say("task.outcome")}
          required
          disabled={disabled}
          value={draft.outcome}
          options={task.choices.map((choice) =>
            optionOf(choice, (title) => say("task.outcome.next", { title })),
          )}
          error={faults.outcome && say("task.outcome.missing")}
          onChange={(outcome) => onChange({ outcome })}
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
      {hasReason && task.reason_codes !== null && (
        <Suspense fallback={<Loading lines={1} />}>
          <Codes task={task} draft={draft} faults={faults} onChange={onChange} disabled={disabled} />
        </Suspense>
      )}
      {hasReason && (
        <AreaField
          label={say("task.reason")}
          hint={say(task.reason_required ? "task.reason.hint" : "task.reason.hint-optional", {
            max: REASON_MAX,
          })}
          required={task.reason_required}
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

function optionOf(choice: Task["choices"][number], next: (title: string) => string): Option {
  const { outcome, barred } = choice;
  if (barred !== null)
    return { id: outcome, label: label(outcome), detail: barred.detail, detailIn: "en", disabled: true };
  const after = choice.next;
  return after === null
    ? { id: outcome, label: label(outcome) }
    : { id: outcome, label: label(outcome), detail: next(label(after.title)) };
}
