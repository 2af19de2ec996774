/** An authenticator app takes the secret, by picture or by hand, and proves it with a code. */

import { type FormEvent, useState } from "react";
import { client, given } from "../../api/client";
import type { components } from "../../api/schema";
import { useWrite } from "../../api/writing";
import { Button, ButtonLink, Hash, TextField } from "../../design";
import { useWords } from "../../i18n";
import { AccountProblem } from "./AccountProblem";

export interface EnrolAppProps {
  offer: components["schemas"]["OfferAnswer"];
  onConfirmed: (codes: readonly string[]) => Promise<void>;
  onCancel: () => void;
}

/** The picture, the secret in words, and the field for the first code. */
export default function EnrolApp({ offer, onConfirmed, onCancel }: EnrolAppProps) {
  const say = useWords();
  const [code, setCode] = useState("");
  const confirming = useWrite({
    send: () =>
      given(client.POST("/v1/me/second-factor/confirmation", { body: { code: code.replace(/\s/g, "") } })),
    onSuccess: (answer) => onConfirmed(answer.recovery_codes),
  });
  const submit = (event: FormEvent) => {
    event.preventDefault();
    if (code.trim() !== "") confirming.mutate();
  };
  return (
    <form className="pane account-app" onSubmit={submit} noValidate>
      <img src={offer.picture} alt={say("account.factor.picture")} width={172} height={172} />
      <div className="stack">
        <p>{say("account.factor.scan")}</p>
        <div>
          <p className="muted small">{say("account.factor.by-hand")}</p>
          <Hash value={offer.secret} label={say("account.factor.secret")} whole />
        </div>
        <TextField
          type="code"
          label={say("account.factor.code")}
          hint={say("account.factor.code.hint")}
          value={code}
          onChange={setCode}
          maxLength={12}
          autoFocus
        />
        {confirming.error && (
          <AccountProblem error={confirming.error} wrong={say("account.factor.code.wrong")} />
        )}
        <div className="row">
          <Button kind="primary" type="submit" busy={confirming.isPending}>
            {say("account.factor.confirm")}
          </Button>
          <Button onPress={onCancel} disabled={confirming.isPending}>
            {say("account.cancel")}
          </Button>
          <ButtonLink kind="plain" href={offer.uri}>
            {say("account.factor.open-app")}
          </ButtonLink>
        </div>
      </div>
    </form>
  );
}
