/** The code of a reason: chosen from a list that is governed like everything else. */
import { SearchField, SelectField } from "../../design";
import { useWords } from "../../i18n";
import { codesOf } from "./codes_of";
import type { DecisionFieldsProps } from "./DecisionFields";

const FEW = 15; // codes that a plain list still shows well

/** The codes of the list that the blueprint names, in the words of that list. */
export default function Codes({ task, draft, faults, onChange, disabled }: DecisionFieldsProps) {
  const say = useWords();
  const list = codesOf(task, draft.outcome);
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
