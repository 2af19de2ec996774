/** What opens under the name of whoever is signed in: their choices, their account, the way out. Loaded when opened. */
import { type RefObject, Suspense } from "react";
import { Dialog, Popover } from "react-aria-components";
import { Button, ButtonLink, Loading } from "../design";
import { useWords } from "../i18n";
import { signOut } from "./leaving";
import Preferences from "./Preferences";

export interface AccountMenuProps {
  name: string;
  trigger: RefObject<HTMLButtonElement | null>;
  onClose: () => void;
}

export default function AccountMenu({ name, trigger, onClose }: AccountMenuProps) {
  const say = useWords();
  return (
    <Popover
      className="overlay account-menu"
      placement="bottom end"
      triggerRef={trigger}
      isOpen
      onOpenChange={(isOpen) => !isOpen && onClose()}
    >
      <Dialog className="stack" aria-label={say("shell.account", { name })}>
        <p>
          <strong>{name}</strong>
        </p>
        <Suspense fallback={<Loading lines={3} />}>
          <Preferences />
        </Suspense>
        <div className="row">
          <ButtonLink href="/account">{say("account.title")}</ButtonLink>
          <Button onPress={() => void signOut()}>{say("shell.sign-out")}</Button>
        </div>
      </Dialog>
    </Popover>
  );
}
