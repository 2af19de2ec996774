/** What stands around every list: the moment it is true for, how much of it is shown, the place of its filters. */
import { Button, Placeholder, Time } from "../../design";
import { useWords } from "../../i18n";

/** Keeps the room of filters while their fields are loaded. */
export function FiltersComing() {
  return <Placeholder className="filters filters-coming" />;
}

/** The moment that what is shown is true for. */
export function AsOf({ at }: { at: number }) {
  const say = useWords();
  return (
    <span>
      {say("instances.as-of")} <Time at={at} relative={false} />
    </span>
  );
}

/** How many rows are shown, and the way to the next ones. */
export function More(props: { shown: number; hasMore: boolean; busy: boolean; onMore: () => void }) {
  const say = useWords();
  return (
    <div className="row apart no-print">
      <p className="muted small" role="status">
        {say(props.hasMore ? "instances.shown.more" : "instances.shown.all", { count: props.shown })}
      </p>
      {props.hasMore && (
        <Button busy={props.busy} onPress={props.onMore}>
          {say("instances.more")}
        </Button>
      )}
    </div>
  );
}
