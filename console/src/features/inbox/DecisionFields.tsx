/** What a person fills in: the outcome with what follows it, the reason, the fields of a form. */
import { lazy, Suspense } from "react";
import { AreaField, Loading, type Option, RadioField, SearchField, SelectField } from "../../design";
import { useWords } from "../../i18n";
import type { Draft } from "./draft_keeper";
import type { FieldFault } from "./form_data";
import type { Task } from "./tasks";
import { label } from "./values";

/** Dates and amounts are typed on few tasks: their controls come when one of those is opened. */
const FormFields = lazy(() => import("./FormFields"));

const REASON_MAX = 2_000; // characters, as the interface takes them
const FEW = 15; // codes that a plain list still shows well

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
        <Codes task={task} draft={draft} faults={faults} onChange={onChange} disabled={disabled} />
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

/** The codes of the list that the blueprint names, in the words of that list. */
function Codes({ task, draft, faults, onChange, disabled }: DecisionFieldsProps) {
  const say = useWords();
  const list = task.reason_codes;
  if (list === null) return null;
  const Choice = list.codes.length > FEW ? SearchField : SelectField;
  return (
    <Choice
      label={say("task.reason-code")}
      hint={say("task.reason-code.hint", { list: list.list, version: list.version })}
      required={task.reason_required}
      disabled={disabled}
      options={list.codes.map((each) => ({ id: each.code, label: each.words, detail: each.code }))}
      value={draft.reason_code}
      error={faults.reason_code && say("task.reason-code.missing")}
      onChange={(code) => onChange({ reason_code: code })}
    />
  );
}

function optionOf(choice: Task["choices"][number], next: (title: string) => string): Option {
  const { outcome, barred } = choice;
  if (barred !== null) return { id: outcome, label: label(outcome), detail: barred.detail, disabled: true };
  const after = choice.next;
  return after === null
    ? { id: outcome, label: label(outcome) }
    : { id: outcome, label: label(outcome), detail: next(label(after.title)) };
}
