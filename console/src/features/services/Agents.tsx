/** Agents: what each is asked with, what became of its answers by version, and on what its threshold rests. */
import { useInfiniteQuery, useQuery } from "@tanstack/react-query";
import { Empty, PagedView, QueryView, Table, Tag, visible } from "../../design";
import { useFormats, useWords } from "../../i18n";
import { useFilters } from "../../shell/filters";
import { Page } from "../../shell/Page";
import { AgentPane } from "./AgentPane";
import { BreakerTag } from "./parts";
import { type AgentFigures, type AgentListed, agentQuery, agentsQuery } from "./queries";

const FILTERS = ["name"] as const;

/** The screen. */
export function Component() {
  const say = useWords();
  const { filters } = useFilters("agents", FILTERS);
  const list = useInfiniteQuery(agentsQuery);
  return (
    <Page title={say("agents.title")} lead={say("agents.lead")}>
      <PagedView
        query={list}
        lines={6}
        empty={<Empty title={say("agents.empty")}>{say("agents.empty.next")}</Empty>}
        more={say("agents.more")}
      >
        {(agents) => <Agents agents={agents} current={filters.name} />}
      </PagedView>
      {filters.name !== undefined && <One key={filters.name} name={filters.name} />}
    </Page>
  );
}

function One({ name }: { name: string }) {
  const agent = useQuery(agentQuery(name));
  return (
    <QueryView query={agent} lines={6}>
      {(data) => <AgentPane agent={data} />}
    </QueryView>
  );
}

function Agents({ agents, current }: { agents: readonly AgentListed[]; current: string | undefined }) {
  const say = useWords();
  const formats = useFormats();
  return (
    <Table
      label={say("agents.title")}
      rows={agents}
      rowKey={(row) => row.name}
      current={current}
      href={(row) => `/agents?name=${encodeURIComponent(row.name)}`}
      columns={[
        {
          key: "name",
          title: say("diagram.kind.agent"),
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
          key: "asked",
          title: say("agents.asked"),
          align: "end",
          cell: (row) => formats.number(row.figures.asked),
        },
        {
          key: "passed",
          title: say("agents.passed"),
          align: "end",
          cell: (row) => formats.number(row.figures.passed),
        },
        {
          key: "agreement",
          title: say("agents.agreement"),
          align: "end",
          cell: (row) => <Agreement figures={row.figures} />,
        },
        {
          key: "overridden",
          title: say("agents.overridden"),
          align: "end",
          cell: (row) => <Overridden figures={row.figures} />,
        },
        {
          key: "breaker",
          title: say("connectors.breaker"),
          cell: (row) => <BreakerTag state={row.breaker} />,
        },
      ]}
    />
  );
}

/** The share accepted as it was, of how many. */
export function Agreement({ figures }: { figures: AgentFigures }) {
  const say = useWords();
  return (
    <>
      <Share perMille={figures.agreement_per_mille} />
      <span className="under">{say("agents.reviewed", { count: figures.reviewed })}</span>
    </>
  );
}

/** The share corrected or rejected, and how many of each. */
export function Overridden({ figures }: { figures: AgentFigures }) {
  const say = useWords();
  const { corrected, rejected } = figures;
  return (
    <>
      <Share perMille={figures.override_per_mille} />
      {figures.reviewed > 0 && (
        <span className="under">{say("agents.overridden.counts", { corrected, rejected })}</span>
      )}
    </>
  );
}

function Share({ perMille }: { perMille: number | null }) {
  const formats = useFormats();
  return perMille === null ? <span className="muted">–</span> : formats.percent(perMille / 1_000);
}
