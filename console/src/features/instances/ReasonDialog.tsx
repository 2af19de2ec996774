/** A question that takes a reason: what follows from it, why it is done, and one command. */
import { useMutation } from "@tanstack/react-query";
import { type ReactNode, useState } from "react";
import { commandId } from "../../api/client";
import { Button, Dialog, ProblemState, problemOf } from "../../design";
import { isReason, ReasonField } from "./ReasonField";

/** Asked again after a refusal it is the same command; `act` is the button that does it, the title unless it says more. */
export function ReasonDialog<Answer>(props: {
  title: string;
  act?: string;
  not: string;
  danger?: boolean;
  children: ReactNode;
  send: (reason: string, command: string) => Promise<Answer>;
  onDone: (answer: Answer) => unknown;
  onClose: () => void;
}) {
  const [reason, setReason] = useState("");
  const [command] = useState(commandId);
  const send = useMutation({
    mutationFn: () => props.send(reason.trim(), command),
    onSuccess: props.onDone,
  });
  return (
    <Dialog
      title={props.title}
      isOpen
      onClose={props.onClose}
      busy={send.isPending}
      actions={
        <>
          <Button onPress={props.onClose} disabled={send.isPending}>
            {props.not}
          </Button>
          <Button
            kind={props.danger ? "danger" : "primary"}
            busy={send.isPending}
            disabled={reason.trim() === "" || !isReason(reason)}
            onPress={() => send.mutate()}
          >
            {props.act ?? props.title}
          </Button>
        </>
      }
    >
      {props.children}
      <ReasonField value={reason} onChange={setReason} required autoFocus />
      {send.error && <ProblemState problem={problemOf(send.error)} />}
    </Dialog>
  );
}
