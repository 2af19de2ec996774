/** The ledger: where it stands, who has seen it, and its entries, newest first. */
import { useInfiniteQuery, useQuery } from "@tanstack/react-query";
import { useMay } from "../../api/session";
import {
  ButtonLink,
  DateField,
  Empty,
  ProofBadge,
  QueryView,
  SearchField,
  Table,
  TextField,
  Time,
} from "../../design";
import { useChoices, useWords } from "../../i18n";
import { dayStart } from "../../shell/days";
import { useFilters } from "../../shell/filters";
import { Page } from "../../shell/Page";
import { useCalled, useHolders } from "../assurance/called";
import { More } from "../assurance/parts";
import { type Entry, entriesQuery, isProvenHere, type Picked, standingQuery } from "./queries";
import { LogStanding } from "./Standing";

const NAMES = ["kind", "subject", "actor", "from", "to"] as const;

/** The screen. */
export function Component() {
  const say = useWords();
  const may = useMay();
  return (
    <Page
      title={say("ledger.title")}
      lead={say("ledger.lead")}
      actions={
        <>
          <ButtonLink href="/ledger/verify" kind="primary" icon="proven">
            {say("ledger.verify-pack")}
          </ButtonLink>
          {may("ledger:verify") && (
            <ButtonLink href="/ledger/verify?whole=1">{say("ledger.verify-whole")}</ButtonLink>
          )}
        </>
      }
    >
      <LogStanding />
      <Entries />
    </Page>
  );
}

/** The list with its filters, which stand in the address. */
function Entries() {
  const say = useWords();
  const { zone } = useChoices().choices;
  const { filters, change, clear } = useFilters("ledger", NAMES);
  const { from, to, ...others } = filters;
  const picked: Picked = {
    ...others,
    ...(from === undefined ? {} : { from: String(dayStart(from, zone)) }),
    ...(to === undefined ? {} : { to: String(dayStart(to, zone, 1)) }),
  };
  const isFiltered = Object.keys(filters).length > 0;
  const query = useInfiniteQuery(entriesQuery(picked));
  return (
    <section className="stack" aria-labelledby="entries">
      <h2 id="entries">{say("ledger.entries")}</h2>
      <search className="filters no-print" aria-label={say("ledger.filters")}>
        <TextField
          label={say("ledger.kind")}
          type="search"
          mono
          placeholder="task.completed"
          value={filters.kind ?? ""}
          onChange={(kind) => change({ kind })}
        />
        <TextField
          label={say("ledger.subject")}
          type="search"
          mono
          value={filters.subject ?? ""}
          onChange={(subject) => change({ subject })}
        />
        <ActorField value={filters.actor ?? ""} onChange={(actor) => change({ actor })} />
        <DateField
          label={say("ledger.from")}
          value={from ?? null}
          max={to}
          onChange={(day) => change({ from: day })}
        />
        <DateField
          label={say("ledger.to")}
          value={to ?? null}
          min={from}
          onChange={(day) => change({ to: day })}
        />
      </search>
      <QueryView
        query={query}
        isEmpty={(data) => data.pages.every((page) => page.items.length === 0 && page.cursor === null)}
        empty={<Empty title={say("ledger.empty")} />}
        onClearFilters={isFiltered ? clear : undefined}
      >
        {(data) => (
          <>
            <EntryTable entries={data.pages.flatMap((page) => page.items)} />
            {query.hasNextPage && isFiltered && (
              <p className="muted small">{say("ledger.looked-through", { zone })}</p>
            )}
            <More query={query} label={say("ledger.more")} />
          </>
        )}
      </QueryView>
    </section>
  );
}

/** Who acted: chosen by what they are called where that may be read, else by id. */
function ActorField({ value, onChange }: { value: string; onChange: (id: string) => void }) {
  const say = useWords();
  const holders = useHolders();
  if (holders.data === undefined) {
    return <TextField label={say("ledger.actor-id")} type="search" mono value={value} onChange={onChange} />;
  }
  const known = holders.data.map(({ id, called }) => ({ id, label: called }));
  const isKnown = value === "" || known.some((one) => one.id === value);
  const options = [{ id: "", label: say("ledger.anybody") }, ...known];
  return (
    <SearchField
      label={say("ledger.actor")}
      value={value}
      options={isKnown ? options : [...options, { id: value, label: value }]}
      onChange={(id) => onChange(id ?? "")}
    />
  );
}

/** Entries as rows; a row leads to its entry. */
function EntryTable({ entries }: { entries: readonly Entry[] }) {
  const say = useWords();
  const called = useCalled(entries.map(({ entry }) => entry.actor.id));
  const published = useQuery(standingQuery).data?.published?.size;
  return (
    <Table
      label={say("ledger.entries")}
      rows={entries}
      rowKey={(row) => String(row.index)}
      href={(row) => `/ledger/${row.index}`}
      columns={[
        {
          key: "index",
          title: say("ledger.index"),
          align: "end",
          cell: (row) => <span className="number">#{row.index}</span>,
        },
        {
          key: "at",
          title: say("ledger.recorded"),
          cell: (row) => <Time at={row.entry.recorded_at} evidence />,
        },
        { key: "kind", title: say("ledger.kind"), heads: true, cell: (row) => <code>{row.entry.kind}</code> },
        {
          key: "subject",
          title: say("ledger.subject"),
          cell: (row) => <code className="breaks">{row.entry.subject}</code>,
        },
        { key: "actor", title: say("ledger.actor"), cell: (row) => <Who row={row} called={called} /> },
        {
          key: "proof",
          title: say("ledger.proof"),
          cell: (row) => <ProofBadge state={proofOf(row, published)} />,
        },
      ]}
    />
  );
}

/** What is known of a row before anybody opens it. A published checkpoint covers it or, so far, only the log's own. */
function proofOf(row: Entry, published: number | undefined): "proven" | "recorded" | "unchecked" {
  if (isProvenHere(row)) return "proven";
  return published !== undefined && row.index >= published ? "recorded" : "unchecked";
}

/** Who acted; an agent is never shown as a person. */
function Who({ row, called }: { row: Entry; called: (id: string) => string }) {
  const say = useWords();
  const { id, kind } = row.entry.actor;
  if (kind === "system") return <span className="muted">{say("ledger.by.system")}</span>;
  return (
    <>
      {called(id)}
      {kind !== "person" && <span className="under">{say(`ledger.by.${kind}`)}</span>}
    </>
  );
}
