/** What stands in the place of a screen that broke, or of one that does not exist. */
import { useRouteError } from "react-router";
import { Button, ButtonLink, Empty, ProblemState, problemOf } from "../design";
import { useWords } from "../i18n";
import { Page } from "./Page";

/** A fault of ours, or a part of the console that could not be fetched: said, with a way on. */
export function Broken() {
  const say = useWords();
  const error = useRouteError();
  return (
    <Page title={say("shell.broken.title")}>
      <ProblemState problem={problemOf(error)} />
      <p className="muted">{say("shell.broken.detail")}</p>
      <div className="row">
        <Button kind="primary" onPress={() => window.location.reload()}>
          {say("shell.broken.reload")}
        </Button>
      </div>
    </Page>
  );
}

/** No screen has this address. */
export function Missing() {
  const say = useWords();
  return (
    <Page title={say("shell.missing.title")}>
      <Empty
        title={say("shell.missing.detail")}
        action={<ButtonLink href="/">{say("shell.missing.home")}</ButtonLink>}
      />
    </Page>
  );
}
