/** The field for the verifier key that somebody brings along, with what it is for. */
import { AreaField } from "../../design";
import { useWords } from "../../i18n";
import { faultOfVkey } from "../assurance/pinned";

export interface KeyFieldProps {
  value: string;
  onChange: (vkey: string) => void;
  /** What happens with it, where that is other than staying in this browser. */
  hint?: string;
}

/** Kept in this browser. */
export function KeyField({ value, onChange, hint }: KeyFieldProps) {
  const say = useWords();
  const fault = faultOfVkey(value);
  return (
    <div className="no-print">
      <AreaField
        label={say("verify.vkey")}
        hint={hint ?? say("verify.vkey.hint")}
        mono
        rows={2}
        maxLength={4000}
        value={value}
        onChange={onChange}
        error={fault === undefined ? undefined : say("verify.vkey.wrong", { fault })}
      />
    </div>
  );
}
