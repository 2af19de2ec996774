/** The corrected answer of an agent: the form it is typed in, and below it what it changes. */
import { FieldDiff } from "../../design";
import { useFormats, useWords } from "../../i18n";
import type { Draft } from "./draft";
import FormFields from "./FormFields";
import type { FieldFault } from "./form_data";
import { answerFaults, answerOf, changesOf } from "./review";
import type { Task } from "./tasks";
import { label, valueText } from "./value_text";

interface CorrectionProps {
  task: Task;
  draft: Draft;
  faults: Readonly<Record<string, FieldFault>>;
  onChange: (data: Draft["data"]) => void;
}

/** Begun with what the agent answered. What differs is kept in the record, member by member. */
export default function Correction({ task, draft, faults, onChange }: CorrectionProps) {
  const say = useWords();
  const formats = useFormats();
  const isWhole = Object.keys(answerFaults(task.fields, draft.data)).length === 0;
  const told = (value: unknown) => valueText(say, formats, value);
  const changes = isWhole
    ? changesOf(task.fields, task.proposal?.output, answerOf(task.fields, draft.data))
    : [];
  return (
    <div className="stack">
      <FormFields
        fields={task.fields}
        currency={task.currency}
        draft={draft}
        faults={faults}
        onChange={onChange}
      />
      <section className="stack tight" aria-labelledby="changes-title">
        <h4 id="changes-title">{say("task.correction")}</h4>
        {changes.length === 0 ? (
          <p className="muted small">{say("task.correction.none")}</p>
        ) : (
          <FieldDiff
            beforeTitle={say("task.correction.before")}
            afterTitle={say("task.correction.after")}
            changes={changes.map(({ path, before, after }) => ({
              field: label(path),
              before: told(before),
              after: told(after),
            }))}
          />
        )}
      </section>
    </div>
  );
}
