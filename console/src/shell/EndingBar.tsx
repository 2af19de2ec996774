/** The line that says how near the end of the session is, and how to stay where that is possible. */
import { useState } from "react";
import { useLocation } from "react-router";
import type { Session } from "../api/session";
import type { Ending } from "../api/session_time";
import { Button, Icon } from "../design";
import { useWords } from "../i18n";
import { signInAgain } from "./leaving";
import "./session_end.css";

export interface EndingBarProps {
  text: string;
  ending: Ending;
  stay: Session["stay"];
}

/** In the flow under the top line; it takes no focus and covers nothing that has it. */
export default function EndingBar({ text, ending, stay }: EndingBarProps) {
  const say = useWords();
  const { pathname, search } = useLocation();
  const [isBusy, setBusy] = useState(false);
  const prolong = async () => {
    setBusy(true);
    await stay().finally(() => setBusy(false));
  };
  return (
    <section className="session-end row" aria-label={say("shell.ending.title")}>
      <Icon name="clock" />
      <p className="number">{text}</p>
      {ending.canStay ? (
        <Button small busy={isBusy} onPress={prolong}>
          {say("shell.ending.stay")}
        </Button>
      ) : (
        <Button small onPress={() => void signInAgain(`${pathname}${search}`)}>
          {say("shell.signed-out.again")}
        </Button>
      )}
    </section>
  );
}
