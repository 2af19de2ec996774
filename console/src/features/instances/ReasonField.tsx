/** Why somebody steers instances: the field of every dialog that asks for it, the first one in focus where it is alone. */
import { AreaField, lengthOf } from "../../design";
import { useWords } from "../../i18n";

const REASON_MAX = 2_000; // characters, as the interface takes them

/** Whether the interface takes so much. */
export function isReason(text: string): boolean {
  return lengthOf(text) <= REASON_MAX;
}

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
