/** What views show instead of data. */
import {
  Button,
  Empty,
  ErrorState,
  FilteredEmpty,
  Forbidden,
  Loading,
  Offline,
  problemOf,
  QueryView,
  Stale,
} from "../design";
import { Sample } from "./Sample";

const AT = Date.parse("2026-11-22T18:40:00Z");
const SILENT = {
  isPending: false,
  fetchStatus: "idle",
  dataUpdatedAt: AT,
  refetch: () => undefined,
} as const;
const FORBIDDEN = {
  status: 403,
  reason: "NO_RULE",
  detail: "no rule permits ledger.read",
  ask: "Compliance Officer 1",
};
const REFUSED = {
  status: 409,
  reason: "CONTENT_CHANGED",
  detail: "expected the digest that was shown, found another: the proposal was edited at 14:02 UTC",
  reference: "7f3a-2210",
};

/** Every state. */
export function States() {
  const nothing = () => undefined;
  return (
    <Sample title="States">
      <div className="sample-grid">
        <Loading />
        <Empty title="Nothing waits for you" action={<Button>See the tasks of my teams</Button>}>
          The next team task is due tomorrow at 09:00.
        </Empty>
        <FilteredEmpty onClear={nothing} />
        <Stale at={new Date(AT)} />
        <Forbidden problem={problemOf(FORBIDDEN)} />
        <ErrorState problem={problemOf(REFUSED)} onRetry={nothing} />
        <Offline onRetry={nothing} />
        <QueryView query={{ ...SILENT, data: ["one"], error: new TypeError("no answer") }}>
          {(found) => <p>Data of before stays: {found.join()}</p>}
        </QueryView>
      </div>
    </Sample>
  );
}
