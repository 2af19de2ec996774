/** The line that tells of what was sent before this page was loaded, and had no answer then. */
import { Link } from "react-router";
import { type Earlier, readEarlier } from "../api/open_commands";
import { Button, Icon } from "../design";
import { useWords } from "../i18n";

/** In the flow under the top line, until it was read or answered. It takes no focus. */
export default function EarlierBar({ earlier }: { earlier: Earlier }) {
  const say = useWords();
  return (
    <section className="session-end row" role="alert">
      <Icon name="warning" />
      <p>
        {say(`shell.earlier.${earlier.kind}`)}{" "}
        {earlier.kind === "unanswered" && <Link to={earlier.place}>{say("shell.earlier.look")}</Link>}
      </p>
      <Button small onPress={readEarlier}>
        {say("dialog.close")}
      </Button>
    </section>
  );
}
