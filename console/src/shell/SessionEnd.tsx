/** Before a session ends: said quietly, with the time left, and how to stay where that is possible. */
import { useState } from "react";
import { useLocation } from "react-router";
import { useSession } from "../api/session";
import { isSaid } from "../api/session_time";
import { Button, Icon } from "../design";
import { useFormats, useWords } from "../i18n";
import { signInAgain } from "./leaving";
import "./session_end.css";

/** Keeps the session of somebody at work; a line over the page once its end is near. It takes no focus. */
export function SessionEnd() {
  const say = useWords();
  const formats = useFormats();
  const { ending, stay } = useSession();
  const { pathname, search } = useLocation();
  const [isBusy, setBusy] = useState(false);
  const [said, setSaid] = useState("");
  const seconds = ending === null ? null : Math.max(0, Math.ceil(ending.left / 1_000));
  const text =
    ending === null || seconds === null
      ? ""
      : say(ending.canStay ? "shell.ending.idle" : "shell.ending.limit", { left: formats.span(seconds) });
  // Said when it first shows and at few moments after: a voice that counts every second drowns the page.
  if (text === "" ? said !== "" : said === "" || (seconds !== null && isSaid(seconds) && said !== text))
    setSaid(text);
  const prolong = async () => {
    setBusy(true);
    await stay().finally(() => setBusy(false));
  };
  return (
    <>
      <p className="visually-hidden" role="status">
        {said}
      </p>
      {ending !== null && (
        <section className="session-end row" aria-label={say("shell.ending.title")}>
          <Icon name="clock" />
          <p className="number">{text}</p>
          {ending.canStay ? (
            <Button small busy={isBusy} onPress={prolong}>
              {say("shell.ending.stay")}
            </Button>
          ) : (
            <Button small onPress={() => signInAgain(`${pathname}${search}`)}>
              {say("shell.signed-out.again")}
            </Button>
          )}
        </section>
      )}
    </>
  );
}
