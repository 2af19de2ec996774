/** What stands around every list: the moment it is true for, how much of it is shown, the place of its filters. */
import { More, type NextPage, Placeholder, Time } from "../../design";
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
export function ShownAndMore({ query, shown }: { query: NextPage; shown: number }) {
  const say = useWords();
  return (
    <div className="row apart no-print">
      <p className="muted small" role="status">
        {say(query.hasNextPage ? "instances.shown.more" : "instances.shown.all", { count: shown })}
      </p>
      <More query={query} label={say("instances.more")} />
    </div>
  );
}
