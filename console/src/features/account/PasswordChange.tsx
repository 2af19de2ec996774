/** A new password for the present one. Every session that began with the present one ends, this one too. */
import { lazy, Suspense, useState } from "react";
import { Button, Loading } from "../../design";
import { useFocusBack } from "../../design/focus_back";
import { useWords } from "../../i18n";

/** Loaded when somebody wants it. */
const PasswordForm = lazy(() => import("./PasswordForm"));

/** The form, opened when it is wanted. */
export function PasswordChange({ account }: { account: string }) {
  const say = useWords();
  const [isOpen, setOpen] = useState(false);
  const section = useFocusBack<HTMLElement>(isOpen);
  return (
    <section ref={section} className="stack tight" aria-labelledby="password">
      <div className="row apart">
        <h2 id="password">{say("account.password")}</h2>
        {!isOpen && (
          <Button small onPress={() => setOpen(true)}>
            {say("account.password.change")}
          </Button>
        )}
      </div>
      <p className="muted">{say("account.password.lead")}</p>
      {isOpen && (
        <Suspense fallback={<Loading lines={3} />}>
          <PasswordForm account={account} onCancel={() => setOpen(false)} />
        </Suspense>
      )}
    </section>
  );
}
