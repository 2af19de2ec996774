/** Said before anything is typed: for this somebody must have signed in just now. */
import { Button, Icon } from "../../design";
import { useWords } from "../../i18n";
import { signInAgain } from "../../shell/leaving";

/** The sentence, and the way to a fresh sign-in and back. */
export function SignInFirst({ children }: { children: string }) {
  const say = useWords();
  return (
    <div className="account-note">
      <Icon name="lock" />
      <p>{children}</p>
      <Button small onPress={() => void signInAgain("/account")}>
        {say("shell.signed-out.again")}
      </Button>
    </div>
  );
}
