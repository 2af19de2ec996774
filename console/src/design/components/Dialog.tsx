/** A dialog over the page: a short question, or a short form that belongs to what is below it. */
import type { ReactNode } from "react";
import { Dialog as AriaDialog, Heading, Modal, ModalOverlay } from "react-aria-components";
import { useWords } from "../../i18n";
import { Button } from "./Button";
import "./dialog.css";

export interface DialogProps {
  title: string;
  isOpen: boolean;
  /** Escape, the cross, and a click beside it; refused while `busy`. */
  onClose: () => void;
  children: ReactNode;
  /** Buttons at the end, the one that goes on last. */
  actions?: ReactNode;
  /** Something is under way that closing would leave in doubt. */
  busy?: boolean | undefined;
  wide?: boolean | undefined;
}

/** A dialog. Focus stays in it and goes back to where it came from. */
export function Dialog(props: DialogProps) {
  const say = useWords();
  const { busy = false } = props;
  return (
    <ModalOverlay
      className="scrim"
      isOpen={props.isOpen}
      onOpenChange={(isOpen) => {
        if (!isOpen && !busy) props.onClose();
      }}
      isDismissable={!busy}
      isKeyboardDismissDisabled={busy}
    >
      <Modal className={props.wide ? "dialog wide" : "dialog"}>
        <AriaDialog className="dialog-inside">
          <header className="row apart dialog-head">
            <Heading slot="title" level={2}>
              {props.title}
            </Heading>
            <Button kind="plain" icon="close" iconOnly small disabled={busy} onPress={props.onClose}>
              {say("dialog.close")}
            </Button>
          </header>
          <div className="stack dialog-body">{props.children}</div>
          {props.actions && <footer className="row dialog-actions">{props.actions}</footer>}
        </AriaDialog>
      </Modal>
    </ModalOverlay>
  );
}
