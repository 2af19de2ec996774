/** Why somebody steers instances: the field of every dialog that asks for it, the first one in focus where it is alone. */
import { REASON_MAX } from "../../api/reason";
import { AreaField } from "../../design";
import { useWords } from "../../i18n";

/** What is too long is said by the field. */
export function ReasonField(props: {
  value: string;
  onChange: (value: string) => void;
  required: boolean;
  autoFocus?: boolean;
  hint?: string;
  error?: string | undefined;
}) {
  const say = useWords();
  return (
    <AreaField
      label={say("instances.reason")}
      hint={say("instances.cancel.reason")}
      maxLength={REASON_MAX}
      {...props}
    />
  );
}
