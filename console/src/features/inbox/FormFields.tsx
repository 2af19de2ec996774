/** The fields of a form task, each typed as the blueprint declares it. */
import { lazy, Suspense } from "react";
import { AreaField, Loading, MoneyField, RadioField, TextField } from "../../design";
import { type MessageKey, useWords } from "../../i18n";
import type { Draft } from "./draft";
import { type Expected, type FieldFault, type FieldKind, kindOf } from "./form_data";
import { label } from "./value_text";

/** With its calendar it is larger than all the others. */
const DateInput = lazy(() => import("./DateInput"));

const HINTS: Partial<Record<FieldKind, MessageKey>> = {
  integer: "task.form.hint.integer",
  number: "task.form.hint.number",
  "date and time": "task.form.hint.date-and-time",
  duration: "task.form.hint.duration",
  lines: "task.form.hint.lines",
  json: "task.form.hint.json",
};

const FAULTS: Readonly<Record<FieldFault, MessageKey>> = {
  required: "task.form.fault.required",
  integer: "task.form.fault.integer",
  number: "task.form.fault.number",
  money: "task.form.fault.money",
  json: "task.form.fault.json",
};

export interface FormFieldsProps {
  fields: readonly Expected[];
  currency: string;
  draft: Draft;
  faults: Readonly<Record<string, FieldFault>>;
  onChange: (data: Draft["data"]) => void;
}

/** All fields, in the order in which the step expects them. */
export default function FormFields({ fields, currency, draft, faults, onChange }: FormFieldsProps) {
  return (
    <div className="stack">
      {fields.map((field) => (
        <OneField
          key={field.path}
          field={field}
          currency={currency}
          typed={draft.data[field.path]}
          fault={faults[field.path]}
          onChange={(value) => onChange({ ...draft.data, [field.path]: value })}
        />
      ))}
    </div>
  );
}

interface OneFieldProps {
  field: Expected;
  currency: string;
  typed: unknown;
  fault: FieldFault | undefined;
  onChange: (value: unknown) => void;
}

function OneField({ field, currency, typed, fault, onChange }: OneFieldProps) {
  const say = useWords();
  const kind = kindOf(field);
  const hint = HINTS[kind];
  const shared = {
    label: label(field.path),
    required: field.required,
    error: fault && say(FAULTS[fault]),
    ...(hint === undefined ? {} : { hint: say(hint) }),
  };
  const text = typeof typed === "string" ? typed : "";
  if (kind === "boolean") {
    const options = [
      { id: "yes", label: say("task.value.yes") },
      { id: "no", label: say("task.value.no") },
    ];
    return <RadioField {...shared} inline options={options} value={text || null} onChange={onChange} />;
  }
  if (kind === "date") {
    return (
      <Suspense fallback={<Loading lines={1} />}>
        <DateInput {...shared} value={text || null} onChange={onChange} />
      </Suspense>
    );
  }
  if (kind === "money") {
    return <MoneyField {...shared} value={moneyOf(typed, currency)} onChange={onChange} />;
  }
  if (kind === "lines" || kind === "json") {
    return <AreaField {...shared} mono={kind === "json"} value={text} onChange={onChange} />;
  }
  return <TextField {...shared} value={text} onChange={onChange} />;
}

function moneyOf(typed: unknown, currency: string): { amount: string; currency: string } {
  const amount = typeof typed === "object" && typed !== null && "amount" in typed ? String(typed.amount) : "";
  return { amount, currency };
}
