/** Dialogs that give a passkey a name: when it is made, and later. */

import { type FormEvent, useState } from "react";
import { client, given } from "../../api/client";
import { makePasskey } from "../../api/webauthn";
import { useWrite } from "../../api/writing";
import { Button, Dialog, TextField } from "../../design";
import { useWords } from "../../i18n";
import { AccountProblem } from "./AccountProblem";
import { type Passkey, useRefreshed } from "./own";

const LONGEST = 60;

/** Asks for a name, then the browser makes the passkey, and the server takes it. */
export function AddPasskey({ onClose }: { onClose: () => void }) {
  const say = useWords();
  return (
    <NameDialog
      title={say("account.passkey.add")}
      lead={say("account.passkey.add.lead")}
      action={say("account.passkey.make")}
      before={say("account.passkey.first-name")}
      onClose={onClose}
      send={async (name) => {
        const options = await given(client.POST("/v1/me/passkeys/options"));
        const made = await makePasskey(options);
        await given(client.POST("/v1/me/passkeys", { body: { name, ...made } }));
      }}
    />
  );
}

/** Another name for a passkey. */
export function RenamePasskey({ passkey, onClose }: { passkey: Passkey; onClose: () => void }) {
  const say = useWords();
  return (
    <NameDialog
      title={say("account.passkey.rename.title")}
      lead={say("account.passkey.rename.lead")}
      action={say("account.passkey.rename")}
      before={passkey.name ?? ""}
      onClose={onClose}
      send={async (name) => {
        const params = { path: { id: passkey.id } };
        await given(client.PUT("/v1/me/passkeys/{id}", { params, body: { name } }));
      }}
    />
  );
}

interface NameDialogProps {
  title: string;
  lead: string;
  action: string;
  before: string;
  onClose: () => void;
  send: (name: string) => Promise<void>;
}

function NameDialog({ title, lead, action, before, onClose, send }: NameDialogProps) {
  const say = useWords();
  const [name, setName] = useState(before);
  const refresh = useRefreshed();
  const sending = useWrite({
    send: () => send(name.trim()),
    onSuccess: async () => {
      await refresh();
      onClose();
    },
  });
  const submit = (event: FormEvent) => {
    event.preventDefault();
    if (name.trim() !== "") sending.mutate();
  };
  return (
    <Dialog
      title={title}
      isOpen
      onClose={onClose}
      busy={sending.isPending}
      actions={
        <>
          <Button onPress={onClose} disabled={sending.isPending}>
            {say("account.cancel")}
          </Button>
          <Button kind="primary" type="submit" form="passkey-name" busy={sending.isPending}>
            {action}
          </Button>
        </>
      }
    >
      <form id="passkey-name" className="stack" onSubmit={submit} noValidate>
        <p>{lead}</p>
        <TextField
          label={say("account.passkey.name")}
          value={name}
          onChange={setName}
          maxLength={LONGEST}
          error={name.trim() === "" ? say("account.passkey.unnamed") : undefined}
          autoFocus
        />
        {sending.error && <AccountProblem error={sending.error} wrong={say("account.passkey.refused")} />}
      </form>
    </Dialog>
  );
}
