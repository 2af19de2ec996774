/** Ending an instance before its time: asked for only of who may, with a reason that is recorded. */
import { useMutation, useQueryClient } from "@tanstack/react-query";
import { useState } from "react";
import { client, commandId, given } from "../../api/client";
import { useMay } from "../../api/session";
import { Button, Dialog, ProblemState, problemOf } from "../../design";
import { useWords } from "../../i18n";
import type { Instance } from "./queries";
import { ReasonField } from "./ReasonField";

/** The button and its question; nothing where this person may not, or nothing is left to cancel. */
export function CancelInstance({ instance }: { instance: Instance }) {
  const say = useWords();
  const may = useMay();
  const [isOpen, setOpen] = useState(false);
  if (instance.status !== "active" || !may("instance:cancel")) return null;
  return (
    <>
      <Button kind="danger" icon="stop" onPress={() => setOpen(true)}>
        {say("instances.cancel")}
      </Button>
      {isOpen && (
        <CancelDialog id={instance.id} open={instance.tasks.length} onClose={() => setOpen(false)} />
      )}
    </>
  );
}

function CancelDialog({ id, open, onClose }: { id: string; open: number; onClose: () => void }) {
  const say = useWords();
  const queries = useQueryClient();
  const [reason, setReason] = useState("");
  const [command] = useState(commandId);
  const cancel = useMutation({
    mutationFn: () =>
      given(
        client.POST("/v1/process-instances/{id}/cancellation", {
          params: { path: { id }, header: { "Idempotency-Key": command } },
          body: { reason: reason.trim() },
        }),
      ),
    onSuccess: async () => {
      await queries.invalidateQueries({ queryKey: ["instance", id] });
      onClose();
    },
  });
  return (
    <Dialog
      title={say("instances.cancel.title")}
      isOpen
      onClose={onClose}
      busy={cancel.isPending}
      actions={
        <>
          <Button onPress={onClose} disabled={cancel.isPending}>
            {say("instances.cancel.keep")}
          </Button>
          <Button
            kind="danger"
            busy={cancel.isPending}
            disabled={reason.trim() === ""}
            onPress={() => cancel.mutate()}
          >
            {say("instances.cancel")}
          </Button>
        </>
      }
    >
      <p>{say("instances.cancel.means", { count: open })}</p>
      <ReasonField value={reason} onChange={setReason} required autoFocus />
      {cancel.error && <ProblemState problem={problemOf(cancel.error)} />}
    </Dialog>
  );
}
