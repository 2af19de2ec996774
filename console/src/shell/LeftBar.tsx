/** The line that tells of something that was sent from a screen that was left, and was not done. */
import { type Left, tellLeft } from "../api/left";
import { Button, Icon, problemOf, ServerWords } from "../design";
import { useWords } from "../i18n";

/** In the flow under the top line, until it was read. It takes no focus. */
export default function LeftBar({ left }: { left: Left }) {
  const say = useWords();
  const { kind, detail, wording } = problemOf(left.error);
  const isUnclear = kind === "offline" || kind === "failed";
  const [title] = left.from.split(" · ");
  return (
    <section className="session-end row" role="alert">
      <Icon name="warning" />
      <p>
        {say(isUnclear ? "shell.left.unclear" : "shell.left.refused", { title: title ?? "" })}{" "}
        {detail !== "" && kind !== "offline" && <ServerWords text={detail} wording={wording} />}
      </p>
      <Button small onPress={() => tellLeft(null)}>
        {say("dialog.close")}
      </Button>
    </section>
  );
}
