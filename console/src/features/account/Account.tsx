/** One's own account: what one signs in with, where one is signed in, and how the console looks. */
import { Suspense } from "react";
import { useMe } from "../../api/session";
import { Loading } from "../../design";
import { useWords } from "../../i18n";
import { Page } from "../../shell/Page";
import { methodWords } from "./method";
import { Passkeys } from "./Passkeys";
import { PasswordChange } from "./PasswordChange";
import { SecondFactor } from "./SecondFactor";
import { Sessions } from "./Sessions";
import "./account.css";
import { part } from "../../shell/part";

/** Beside what matters here, and loaded after it. */
const Preferences = part(() => import("../../shell/Preferences"));

/** The screen. */
export function Component() {
  const say = useWords();
  const { person, session } = useMe();
  const ref = person?.ref ?? "";
  return (
    <Page
      title={say("account.title")}
      lead={say("account.lead", { ref, method: methodWords(say, session?.method ?? "") })}
    >
      <div className="account-frame">
        <div className="account">
          <div className="account-main">
            <Passkeys />
            <SecondFactor />
            <PasswordChange account={ref} />
            <Sessions />
          </div>
          <section className="pane stack" aria-labelledby="looks">
            <h2 id="looks">{say("account.looks")}</h2>
            <Suspense fallback={<Loading lines={3} />}>
              <Preferences />
            </Suspense>
          </section>
        </div>
      </div>
    </Page>
  );
}
