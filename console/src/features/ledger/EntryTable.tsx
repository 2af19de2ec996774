/** Entries of the ledger as rows, each with how far it is proven. */
import { useQuery } from "@tanstack/react-query";
import { ProofBadge, Table, Time } from "../../design";
import { useWords } from "../../i18n";
import { useCalled } from "../assurance/called";
import { type Entry, isProvenHere, standingQuery } from "./queries";

/** Entries as rows; a row leads to its entry. */
export default function EntryTable({ entries }: { entries: readonly Entry[] }) {
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
