/** A list that the server gives page by page: every state of it, its rows, and the way to the next ones. */
import type { ReactNode } from "react";
import { problemOf } from "../problem";
import { Button } from "./Button";
import { type QueryLike, QueryView, type QueryViewProps } from "./QueryView";
import { ProblemState } from "./states";

/** What is read of `useInfiniteQuery`'s answer to fetch the next page. */
export interface NextPage {
  readonly hasNextPage: boolean;
  readonly isFetchingNextPage: boolean;
  readonly fetchNextPage: () => unknown;
  readonly error: unknown;
}

/** One page: its rows, and whatever else goes with them. */
interface PageOf {
  readonly items: readonly unknown[];
}

interface Pages<P> {
  readonly pages: readonly P[];
}

export interface PagedViewProps<P extends PageOf>
  extends Omit<QueryViewProps<Pages<P>>, "query" | "isEmpty" | "children"> {
  query: QueryLike<Pages<P>> & NextPage;
  /** What the button to the next page says. */
  more: string;
  children: (rows: readonly P["items"][number][], pages: readonly P[]) => ReactNode;
}

/** The rows of all pages so far, and what fetches the next; empty when no page has any. */
export function PagedView<P extends PageOf>(props: PagedViewProps<P>) {
  const { query, more, children, ...rest } = props;
  return (
    <QueryView
      {...rest}
      query={query}
      isEmpty={({ pages }) => pages.every((page) => page.items.length === 0)}
    >
      {({ pages }) => (
        <>
          {children(
            pages.flatMap((page) => page.items),
            pages,
          )}
          <More query={query} label={more} />
        </>
      )}
    </QueryView>
  );
}

/** The way to the next page of a list; nothing where there is none. */
export function More({ query, label }: { query: NextPage; label: string }) {
  if (!query.hasNextPage) return null;
  return (
    <div className="stack tight no-print">
      {query.error !== null && <ProblemState problem={problemOf(query.error)} />}
      <div className="row">
        <Button busy={query.isFetchingNextPage} onPress={() => query.fetchNextPage()}>
          {label}
        </Button>
      </div>
    </div>
  );
}
