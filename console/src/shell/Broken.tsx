/** What stands in the place of a screen that broke, or of one that does not exist. */
import { Component, type ReactNode } from "react";
import { Button, ButtonLink, Empty, ProblemState, problemOf } from "../design";
import { useWords } from "../i18n";
import { Page } from "./Page";

/** A fault of ours, or a part of the console that could not be fetched: said, with a way on. */
function Broken({ error }: { error: unknown }) {
  const say = useWords();
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

interface GuardState {
  readonly error: unknown;
  readonly isBroken: boolean;
}

/** Keeps a fault inside: what is around it, the way to other screens above all, stays. */
export class Guard extends Component<{ children: ReactNode }, GuardState> {
  override state: GuardState = { error: null, isBroken: false };

  static getDerivedStateFromError(error: unknown): GuardState {
    return { error, isBroken: true };
  }

  override render(): ReactNode {
    return this.state.isBroken ? <Broken error={this.state.error} /> : this.props.children;
  }
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
