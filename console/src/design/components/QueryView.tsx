/** A query of TanStack turned into what people see: every state, in one place, the same everywhere. */
import type { ReactNode } from "react";
import { problemOf } from "../problem";
import { FilteredEmpty, Loading, ProblemState, Stale } from "./states";

/** What QueryView reads of `useQuery`'s answer. */
export interface QueryLike<D> {
  readonly data: D | undefined;
  readonly error: unknown;
  readonly isPending: boolean;
  readonly fetchStatus: "fetching" | "paused" | "idle";
  readonly dataUpdatedAt: number;
  readonly refetch: () => unknown;
}

export interface QueryViewProps<D> {
  query: QueryLike<D>;
  /** Whether there is nothing in the data; then `empty` is shown. */
  isEmpty?: ((data: D) => boolean) | undefined;
  empty?: ReactNode;
  /** Clears the filters; given only while some are set. Empty data then says so instead of `empty`. */
  onClearFilters?: (() => void) | undefined;
  /** Lines of the skeleton, near the height of what comes. */
  lines?: number | undefined;
  children: (data: D) => ReactNode;
}

/** The data, or the state that stands for it. Old data stays on screen, marked as old, while a retry runs. */
export function QueryView<D>(props: QueryViewProps<D>) {
  const { query } = props;
  const retry = () => {
    query.refetch();
  };
  if (query.data === undefined) {
    if (query.error !== null) return <ProblemState problem={problemOf(query.error)} onRetry={retry} />;
    if (query.fetchStatus === "paused")
      return <ProblemState problem={problemOf(new TypeError())} onRetry={retry} />;
    return <Loading {...(props.lines === undefined ? {} : { lines: props.lines })} />;
  }
  // A person who lost the right to see something must not go on looking at what was kept.
  const problem = query.error === null ? null : problemOf(query.error);
  // Where the session is over the frame hides it all; here it stays, with what somebody is typing in it.
  const isSignedOut = problem?.status === 401;
  if (problem !== null && !isSignedOut && (problem.kind === "forbidden" || problem.kind === "missing")) {
    return <ProblemState problem={problem} onRetry={retry} />;
  }
  const isStale = (problem !== null && !isSignedOut) || query.fetchStatus === "paused";
  return (
    <div className="stack">
      {isStale && <Stale at={new Date(query.dataUpdatedAt)} />}
      <Shown {...props} data={query.data} />
    </div>
  );
}

/** The data, or what says that there is none. */
function Shown<D>({ data, isEmpty, empty, onClearFilters, children }: QueryViewProps<D> & { data: D }) {
  if (!isEmpty?.(data)) return <>{children(data)}</>;
  return onClearFilters ? <FilteredEmpty onClear={onClearFilters} /> : empty;
}
