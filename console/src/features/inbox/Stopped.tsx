/** When a task is due, and that its clock stands still. */
import { Due, Tag, Time } from "../../design";
import { useWords } from "../../i18n";
import type { Task } from "./tasks";

type StoppedClock = Task["stopped"];

/** A due time that will move on is told without how near it is: that does not change while the clock is paused. */
export function DueText(props: { due: number | null; stopped: StoppedClock; zone?: boolean }) {
  const say = useWords();
  const { due, stopped, zone } = props;
  if (due === null) return <span className="muted">{say("inbox.due.never")}</span>;
  if (stopped?.moves) return <Time at={due} relative={false} zone={zone} />;
  return <Due at={due} zone={zone} />;
}

/** That it stands still, and since when. */
export function Stopped({ stopped, zone }: { stopped: NonNullable<StoppedClock>; zone?: boolean }) {
  const say = useWords();
  return (
    <>
      <Tag tone="soon" icon="clock">
        {say("inbox.stopped")}
      </Tag>{" "}
      {say("inbox.stopped.since")} <Time at={stopped.since} relative={false} zone={zone} />
    </>
  );
}
