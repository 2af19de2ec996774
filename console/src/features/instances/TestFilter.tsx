/** Whether instances in test mode are among what is listed: left out unless somebody asks for them. */
import { SelectField } from "../../design";
import { useWords } from "../../i18n";

const MODES = ["without", "only", "with"] as const;

interface TestFilterProps {
  readonly value: string | undefined;
  readonly onChange: (mode: string | null) => void;
}

/** The field. */
export default function TestFilter({ value, onChange }: TestFilterProps) {
  const say = useWords();
  return (
    <SelectField
      label={say("instances.test")}
      value={MODES.find((mode) => mode === value) ?? "without"}
      options={MODES.map((mode) => ({ id: mode, label: say(`instances.filter.test.${mode}`) }))}
      onChange={(mode) => onChange(mode === "without" ? null : mode)}
    />
  );
}
