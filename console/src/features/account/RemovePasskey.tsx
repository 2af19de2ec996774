/** The dialog that removes a passkey: proved by the password, or by another passkey. */

import { type FormEvent, useState } from "react";
import { client, given } from "../../api/client";
import { useMe } from "../../api/session";
import { assertPasskey, hasPasskeys } from "../../api/webauthn";
import { useWrite } from "../../api/writing";
import { Button, Dialog, RadioField, TextField } from "../../design";
import { useWords } from "../../i18n";
import { AccountProblem } from "./AccountProblem";
import { type Passkey, useFactor, useRefreshed } from "./own";

type Proof = "password" | "passkey";

export interface RemovePasskeyProps {
  passkey: Passkey;
  /** How many there are; the last one cannot be proved by another. */
  count: number;
  onClose: () => void;
}

/** Says what ends with it before anything is typed. */
export function RemovePasskey({ passkey, count, onClose }: RemovePasskeyProps) {
  const say = useWords();
  const isByPasskey = useMe().session?.method === "passkey";
  const needsCode = useFactor().data?.totp === "confirmed";
  const canByPasskey = count > 1 && hasPasskeys();
  const [proof, setProof] = useState<Proof>("password");
  const [password, setPassword] = useState("");
  const [code, setCode] = useState("");
  const refresh = useRefreshed();
  const params = { path: { id: passkey.id } };
  const removal = useWrite({
    send: async () => {
      if (proof === "password") {
        const body = { password, code: code.trim() };
        return given(client.POST("/v1/me/passkeys/{id}/removal", { params, body }));
      }
      const options = await given(client.POST("/v1/me/passkeys/{id}/removal/options", { params }));
      const body = { passkey: await assertPasskey(options) };
      return given(client.POST("/v1/me/passkeys/{id}/removal", { params, body }));
    },
    onSuccess: async () => {
      await refresh();
      onClose();
    },
  });
  const submit = (event: FormEvent) => {
    event.preventDefault();
    if (proof === "passkey" || password !== "") removal.mutate();
  };
  return (
    <Dialog
      title={say("account.passkey.remove.title", { name: passkey.name ?? "" })}
      isOpen
      onClose={onClose}
      busy={removal.isPending}
      actions={
        <>
          <Button onPress={onClose} disabled={removal.isPending}>
            {say("account.cancel")}
          </Button>
          <Button kind="danger" type="submit" form="passkey-removal" busy={removal.isPending}>
            {say("account.passkey.remove")}
          </Button>
        </>
      }
    >
      <form id="passkey-removal" className="stack" onSubmit={submit} noValidate>
        <p>{say(isByPasskey ? "account.passkey.remove.this" : "account.passkey.remove.lead")}</p>
        {canByPasskey && (
          <RadioField
            label={say("account.passkey.proof")}
            value={proof}
            options={[
              { id: "password", label: say("account.passkey.by-password") },
              { id: "passkey", label: say("account.passkey.by-another") },
            ]}
            onChange={(key) => setProof(key === "passkey" ? "passkey" : "password")}
          />
        )}
        {proof === "password" && (
          <TextField
            type="password"
            label={say("account.password.present")}
            value={password}
            onChange={setPassword}
            autoFocus
          />
        )}
        {proof === "password" && needsCode && (
          <TextField type="code" label={say("account.code")} value={code} onChange={setCode} maxLength={64} />
        )}
        {removal.error && <AccountProblem error={removal.error} wrong={say("account.password.wrong")} />}
      </form>
    </Dialog>
  );
}
