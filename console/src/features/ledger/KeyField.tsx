/** The field for the verifier key that somebody brings along, with what it is for. */
import { AreaField } from "../../design";
import { useWords } from "../../i18n";
import { faultOfVkey } from "../assurance/pinned";

/** Kept in this browser; never sent. */
export function KeyField({ value, onChange }: { value: string; onChange: (vkey: string) => void }) {
  const say = useWords();
  const fault = faultOfVkey(value);
  return (
    <div className="no-print">
      <AreaField
        label={say("verify.vkey")}
        hint={say("verify.vkey.hint")}
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
