/** A question that takes a reason: what follows from it, why it is done, and one command. What was typed outlives it. */

import type { ReactNode } from "react";
import { isReason } from "../../api/reason";
import { useTyped } from "../../api/typed";
import { useWrite } from "../../api/writing";
import { Button, Dialog, problemOf, WriteProblem } from "../../design";
import { ReasonField } from "./ReasonField";

/** `act` is the button that does it, the title unless it says more; `about` is what it is done to, by ids. */
export function ReasonDialog<Answer>(props: {
  title: string;
  act?: string;
  not: string;
  danger?: boolean;
  children: ReactNode;
  about: string;
  send: (reason: string) => Promise<Answer>;
  onDone: (answer: Answer) => unknown;
  onClose: () => void;
}) {
  const [reason, setReason] = useTyped(`${props.title} ${props.about}`);
  const send = useWrite({
    send: () => props.send(reason.trim()),
    onSuccess: (answer) => {
      setReason("");
      return props.onDone(answer);
    },
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
      {send.error && <WriteProblem problem={problemOf(send.error)} />}
    </Dialog>
  );
}
