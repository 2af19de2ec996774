/** Connectors: which way each goes, whether calls go out now, what failed last, and the incidents that came of it. */
import { useInfiniteQuery, useQuery } from "@tanstack/react-query";
import { Link } from "react-router";
import { useMay } from "../../api/session";
import { Empty, PagedView, QueryView, Table, Tag, Time, visible } from "../../design";
import { useFormats, useWords } from "../../i18n";
import { useFilters } from "../../shell/filters";
import { Page } from "../../shell/Page";
import { ConnectorPane } from "./ConnectorPane";
import { BreakerTag, WayTag } from "./parts";
import { type ConnectorListed, connectorQuery, connectorsQuery } from "./queries";

const FILTERS = ["name"] as const;

/** The screen. */
export function Component() {
  const say = useWords();
  const { filters } = useFilters("connectors", FILTERS);
  const list = useInfiniteQuery(connectorsQuery);
  return (
    <Page title={say("connectors.title")} lead={say("connectors.lead")}>
      <PagedView
        query={list}
        lines={6}
        empty={<Empty title={say("connectors.empty")}>{say("connectors.empty.next")}</Empty>}
        more={say("connectors.more")}
      >
        {(connectors) => <Connectors connectors={connectors} current={filters.name} />}
      </PagedView>
      {filters.name !== undefined && <One key={filters.name} name={filters.name} />}
    </Page>
  );
}

function One({ name }: { name: string }) {
  const connector = useQuery(connectorQuery(name));
  return (
    <QueryView query={connector} lines={6}>
      {(data) => <ConnectorPane connector={data} />}
    </QueryView>
  );
}

interface ConnectorsProps {
  readonly connectors: readonly ConnectorListed[];
  readonly current: string | undefined;
}

function Connectors({ connectors, current }: ConnectorsProps) {
  const say = useWords();
  const formats = useFormats();
  return (
    <Table
      label={say("connectors.title")}
      rows={connectors}
      rowKey={(row) => row.name}
      current={current}
      href={(row) => `/connectors?name=${encodeURIComponent(row.name)}`}
      columns={[
        {
          key: "name",
          title: say("connectors.name"),
          cell: (row) => (
            <>
              {visible(row.title)}
              <span className="under mono">{row.name}</span>
            </>
          ),
        },
        {
          key: "version",
          title: say("connectors.version"),
          cell: (row) => (row.retired ? <Tag>{say("connectors.retired")}</Tag> : formats.number(row.version)),
        },
        {
          key: "way",
          title: say("connectors.way"),
          cell: (row) => (
            <>
              <WayTag direction={row.direction} />
              <span className="under">{say(`connectors.via.${row.via}`)}</span>
            </>
          ),
        },
        {
          key: "breaker",
          title: say("connectors.breaker"),
          cell: (row) =>
            row.direction === "in" ? (
              <span className="muted">{say("connectors.breaker.none")}</span>
            ) : (
              <>
                <BreakerTag state={row.breaker.state} />
                {row.breaker.state !== "closed" && (
                  <span className="under">
                    {say(`connectors.breaker.${row.breaker.state}.means`)}{" "}
                    {row.breaker.open_until !== null && <Time at={row.breaker.open_until} />}
                  </span>
                )}
              </>
            ),
        },
        {
          key: "failed",
          title: say("connectors.failed"),
          cell: (row) => row.direction === "out" && <LastFailure breaker={row.breaker} />,
        },
      ]}
    />
  );
}

/** What failed last and when, with the way to the incidents of that code. */
export function LastFailure({ breaker }: { breaker: ConnectorListed["breaker"] }) {
  const say = useWords();
  const may = useMay();
  if (breaker.failed_at === null) return <span className="muted">{say("connectors.failed.none")}</span>;
  const code = breaker.failed_with ?? "";
  return (
    <>
      <span className="row tight-row">
        <span className="mono">{code}</span> <Time at={breaker.failed_at} />
      </span>
      <span className="under">{say("connectors.failures", { count: breaker.failures })}</span>
      {code !== "" && may("incident:read") && (
        <span className="under">
          <Link to={`/incidents?code=${encodeURIComponent(code)}`}>{say("connectors.incidents")}</Link>
        </span>
      )}
    </>
  );
}
