/** Why somebody steers instances: the field of every dialog that asks for it, the first one in focus where it is alone. */
import { AreaField } from "../../design";
import { useWords } from "../../i18n";

const REASON_MAX = 2_000; // characters, as the interface takes them

/** Whether the interface takes so much: it counts characters, where a language of browsers counts halves of some. */
export function isReason(text: string): boolean {
  return lengthOf(text) <= REASON_MAX;
}

function lengthOf(text: string): number {
  return [...text.trim()].length;
}

/** What is too long is said and not cut off: a reason stands on record, and half of one is another. */
export function ReasonField(props: {
  value: string;
  onChange: (value: string) => void;
  required: boolean;
  autoFocus?: boolean;
}) {
  const say = useWords();
  const counted = { max: REASON_MAX, count: lengthOf(props.value) };
  return (
    <AreaField
      label={say("instances.reason")}
      hint={say("instances.cancel.reason")}
      error={isReason(props.value) ? undefined : say("instances.reason.long", counted)}
      {...props}
    />
  );
}
