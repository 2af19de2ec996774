/** Before a session ends: said quietly, with the time left, and how to stay where that is possible. */
import { lazy, Suspense, useState } from "react";
import { useSession } from "../api/session";
import { isSaid } from "../api/session_time";
import { Placeholder } from "../design";
import { useFormats, useWords } from "../i18n";

/** Loaded when the end is near. */
const EndingBar = lazy(() => import("./EndingBar"));

/** Keeps the session of somebody at work; a line over the page once its end is near. It takes no focus. */
export function SessionEnd() {
  const say = useWords();
  const formats = useFormats();
  const { ending, stay } = useSession();
  const [said, setSaid] = useState("");
  const seconds = ending === null ? null : Math.max(0, Math.ceil(ending.left / 1_000));
  const text =
    ending === null || seconds === null
      ? ""
      : say(ending.canStay ? "shell.ending.idle" : "shell.ending.limit", { left: formats.span(seconds) });
  // Said when it first shows and at few moments after: a voice that counts every second drowns the page.
  if (text === "" ? said !== "" : said === "" || (seconds !== null && isSaid(seconds) && said !== text))
    setSaid(text);
  return (
    <>
      <p className="visually-hidden" role="status">
        {said}
      </p>
      {ending !== null && (
        <Suspense fallback={<Placeholder />}>
          <EndingBar text={text} ending={ending} stay={stay} />
        </Suspense>
      )}
    </>
  );
}
