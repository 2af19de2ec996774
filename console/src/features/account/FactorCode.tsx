/** New recovery codes, or the end of the second factor: both for a code. */

import { type FormEvent, useState } from "react";
import { client, given } from "../../api/client";
import { useWrite } from "../../api/writing";
import { Button, TextField } from "../../design";
import { useWords } from "../../i18n";
import { AccountProblem } from "./AccountProblem";

export type FactorAct = "codes" | "removal";

export interface FactorCodeProps {
  act: FactorAct;
  /** The new codes; null where none were asked for. */
  onDone: (codes: readonly string[] | null) => Promise<void>;
  onCancel: () => void;
}

/** What follows from it, a field for the code, and the button that does it. */
export default function FactorCode({ act, onDone, onCancel }: FactorCodeProps) {
  const say = useWords();
  const [code, setCode] = useState("");
  const sending = useWrite({
    send: async () => {
      const body = { code: code.trim() };
      if (act === "codes") {
        const answer = await given(client.POST("/v1/me/second-factor/recovery-codes", { body }));
        return answer.recovery_codes;
      }
      await given(client.POST("/v1/me/second-factor/removal", { body }));
      return null;
    },
    onSuccess: onDone,
  });
  const submit = (event: FormEvent) => {
    event.preventDefault();
    if (code.trim() !== "") sending.mutate();
  };
  return (
    <form className="pane stack account-form" onSubmit={submit} noValidate>
      <p>{say(act === "codes" ? "account.codes.new.lead" : "account.factor.remove.lead")}</p>
      <TextField
        type="code"
        label={say("account.code")}
        hint={say("account.code.hint")}
        value={code}
        onChange={setCode}
        maxLength={64}
        autoFocus
      />
      {sending.error && <AccountProblem error={sending.error} wrong={say("account.factor.code.wrong")} />}
      <div className="row">
        <Button kind={act === "codes" ? "primary" : "danger"} type="submit" busy={sending.isPending}>
          {say(act === "codes" ? "account.codes.new" : "account.factor.remove")}
        </Button>
        <Button onPress={onCancel} disabled={sending.isPending}>
          {say("account.cancel")}
        </Button>
      </div>
    </form>
  );
}
