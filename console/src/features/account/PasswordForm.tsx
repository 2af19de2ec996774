/** The form of a new password: the present one proves that it is asked for by its owner. */

import { type FormEvent, useState } from "react";
import { client, given } from "../../api/client";
import { useMe } from "../../api/session";
import { useWrite } from "../../api/writing";
import { Button, problemOf, ServerWords, TextField } from "../../design";
import { useWords } from "../../i18n";
import { AccountProblem } from "./AccountProblem";
import { useFactor } from "./own";

const SET = `/sign-in?set=1&next=${encodeURIComponent("/console/account")}`;
const LONGEST = 1_000;

/** The form; once it is done the sign-in page takes over. */
export default function Form({ account, onCancel }: { account: string; onCancel: () => void }) {
  const say = useWords();
  const { log } = useMe();
  const needsCode = useFactor().data?.totp === "confirmed";
  const [present, setPresent] = useState("");
  const [wanted, setWanted] = useState("");
  const [code, setCode] = useState("");
  const [isTried, setTried] = useState(false);
  const change = useWrite({
    send: () =>
      given(
        client.POST("/v1/password", {
          body: { account, log, present, password: wanted, second_factor: code.trim() },
        }),
      ),
    onSuccess: () => window.location.assign(SET),
  });
  const problem = change.error === null ? null : problemOf(change.error);
  // Too easily guessed: the server says why, in its words, and the field is where it is mended.
  const weak =
    problem?.status === 400 || problem?.status === 422 ? (
      <ServerWords text={problem.detail} wording={problem.wording} />
    ) : undefined;
  const missing = isTried ? say("account.password.missing") : undefined;
  const send = (event: FormEvent) => {
    event.preventDefault();
    setTried(true);
    if (present !== "" && wanted !== "" && (!needsCode || code.trim() !== "")) change.mutate();
  };
  return (
    <form className="pane stack account-form" onSubmit={send} noValidate>
      <input type="text" name="username" autoComplete="username" value={account} readOnly hidden />
      <TextField
        type="password"
        label={say("account.password.present")}
        value={present}
        onChange={setPresent}
        maxLength={LONGEST}
        error={present === "" ? missing : undefined}
        autoFocus
      />
      <TextField
        type="password"
        autoComplete="new-password"
        label={say("account.password.new")}
        hint={say("account.password.hint")}
        value={wanted}
        onChange={setWanted}
        maxLength={LONGEST}
        error={wanted === "" ? missing : weak}
      />
      {needsCode && (
        <TextField
          type="code"
          label={say("account.code")}
          hint={say("account.code.hint")}
          value={code}
          onChange={setCode}
          maxLength={64}
          error={code.trim() === "" ? missing : undefined}
        />
      )}
      {change.error && weak === undefined && (
        <AccountProblem error={change.error} wrong={say("account.password.wrong")} />
      )}
      <div className="row">
        <Button kind="primary" type="submit" busy={change.isPending}>
          {say("account.password.change")}
        </Button>
        <Button onPress={onCancel} disabled={change.isPending}>
          {say("account.cancel")}
        </Button>
      </div>
    </form>
  );
}
