/** The kind of artefact that a change is of. */
import { SelectField } from "../../design";
import { useWords } from "../../i18n";
import { KIND_IDS, useKindWords } from "./parts";

/** One of the kinds that change by approval alone. */
export function KindField({ value, onChange }: { value: string; onChange: (kind: string) => void }) {
  const say = useWords();
  const kindWords = useKindWords();
  return (
    <SelectField
      label={say("changes.filter.kind")}
      value={value}
      options={KIND_IDS.map((id) => ({ id, label: kindWords(id) }))}
      onChange={(id) => onChange(id ?? value)}
    />
  );
}
