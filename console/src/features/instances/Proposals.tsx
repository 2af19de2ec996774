/** Acts on instances that wait for a second person: those this person may decide first, and all others with why not. */
import { useQuery } from "@tanstack/react-query";
import { client, given } from "../../api/client";
import { Empty, QueryView, Tabs } from "../../design";
import { useWords } from "../../i18n";
import { useFilters } from "../../shell/filters";
import { Page } from "../../shell/Page";
import { AsOf } from "./Paging";
import ProposalPane from "./ProposalPane";
import { PROPOSALS, type Proposal } from "./steering";
import "./instances.css";

const MOST = 200; // told at once by the server
const FILTERS = ["list"] as const;

/** The screen. */
export function Component() {
  const say = useWords();
  const { filters, change } = useFilters("acts", FILTERS);
  const query = useQuery({
    queryKey: PROPOSALS,
    queryFn: ({ signal }) => given(client.GET("/v1/act-proposals", { signal })),
    refetchInterval: LOOK_AGAIN,
  });
  const all = query.data?.items ?? [];
  const mine = all.filter((one) => one.barred === null);
  const shown = (found: readonly Proposal[], empty: React.ReactNode) => (
    <QueryView query={query} lines={6} isEmpty={() => found.length === 0} empty={empty}>
      {() => (
        <div className="stack">
          {found.map((one) => (
            <ProposalPane key={one.id} proposal={one} isListed />
          ))}
          {all.length === MOST && <p className="muted small">{say("steering.list.most", { count: MOST })}</p>}
        </div>
      )}
    </QueryView>
  );
  return (
    <Page
      title={say("steering.list")}
      lead={
        <span className="row tight-row">
          {say("steering.list.lead")} {query.data && <AsOf at={query.data.as_of} />}
        </span>
      }
    >
      <Tabs
        label={say("steering.list")}
        selected={filters.list === "all" ? "all" : "mine"}
        onSelect={(list) => change({ list })}
        tabs={[
          {
            id: "mine",
            title: say("steering.list.mine"),
            count: query.data && mine.length,
            content: shown(
              mine,
              <Empty title={say("steering.list.mine.empty")}>{say("steering.list.mine.empty.next")}</Empty>,
            ),
          },
          {
            id: "all",
            title: say("steering.list.all"),
            count: query.data && all.length,
            content: shown(
              all,
              <Empty title={say("steering.list.empty")}>{say("steering.list.empty.next")}</Empty>,
            ),
          },
        ]}
      />
    </Page>
  );
}

const LOOK_AGAIN = 30_000; // ms: what others propose and confirm meanwhile
