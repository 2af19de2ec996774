/** The session is over: said once, over whatever was being done, with the way back to the very same place. */
import { Dialog, Modal, ModalOverlay } from "react-aria-components";
import { useLocation } from "react-router";
import { ButtonLink } from "../design";
import { useWords } from "../i18n";
import { signInAddress } from "./signed_out";

/** A dialog that can only be left by signing in: what stands behind it may no longer be looked at or sent. */
export default function SignedOut() {
  const say = useWords();
  const { pathname, search } = useLocation();
  return (
    <ModalOverlay className="scrim" isOpen isKeyboardDismissDisabled>
      <Modal className="overlay modal">
        <Dialog role="alertdialog" aria-label={say("shell.signed-out.title")} className="stack">
          <h2>{say("shell.signed-out.title")}</h2>
          <p>{say("shell.signed-out.detail")}</p>
          <div className="row">
            <ButtonLink kind="primary" href={signInAddress(`${pathname}${search}`)}>
              {say("shell.signed-out.again")}
            </ButtonLink>
          </div>
        </Dialog>
      </Modal>
    </ModalOverlay>
  );
}
