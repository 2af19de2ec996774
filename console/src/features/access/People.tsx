/** Everybody with the roles held at an instant. */
import { Suspense } from "react";
import { Empty, Placeholder, QueryView, Table, Tag, Time } from "../../design";
import { useWords } from "../../i18n";
import { part } from "../../shell/part";
import { type Held, type Holder, useHolders } from "../assurance/called";
import { EntryLink } from "../assurance/parts";

const ListFilter = part(() => import("../assurance/ListFilter"));

interface PeopleProps {
  at: number | null;
  text: string;
  onText: (text: string) => void;
  onClear: (() => void) | undefined;
}

/** Everybody, with the roles of the instant. */
export default function People({ at, text, onText, onClear }: PeopleProps) {
  const say = useWords();
  const query = useHolders(at, true);
  const wanted = text.trim().toLowerCase();
  const fits = (one: Holder) =>
    [one.called, ...one.roles.flatMap((held) => [held.role, held.domain])].some((word) =>
      word.toLowerCase().includes(wanted),
    );
  return (
    <div className="stack">
      <div className="assurance-filters no-print">
        <Suspense fallback={<Placeholder className="filters-wait" />}>
          <ListFilter text={text} onText={onText} />
        </Suspense>
      </div>
      <QueryView
        query={query}
        isEmpty={(found) => !found.some(fits)}
        empty={<Empty title={say("access.nobody")} />}
        onClearFilters={onClear}
        lines={8}
      >
        {(found) => <PeopleTable people={found.filter(fits)} />}
      </QueryView>
    </div>
  );
}

function PeopleTable({ people }: { people: readonly Holder[] }) {
  const say = useWords();
  return (
    <Table
      label={say("access.people")}
      rows={people}
      rowKey={(row) => row.id}
      columns={[
        {
          key: "called",
          title: say("access.who"),
          heads: true,
          cell: (row) => (
            <>
              {row.called}
              {row.kind !== "person" && <span className="under">{say(kindWord(row.kind))}</span>}
            </>
          ),
        },
        {
          key: "roles",
          title: say("access.holds"),
          cell: (row) => <RolesHeld roles={row.roles} />,
        },
        {
          key: "status",
          title: say("access.status"),
          cell: (row) => <Tag>{row.status}</Tag>,
        },
      ]}
    />
  );
}

function kindWord(kind: string): "ledger.by.agent" | "ledger.by.service" {
  return kind === "agent" ? "ledger.by.agent" : "ledger.by.service";
}

/** Roles with their domain, until when, and the entry that assigned each. */
function RolesHeld({ roles }: { roles: readonly Held[] }) {
  const say = useWords();
  if (roles.length === 0) return <span className="muted">{say("access.no-role")}</span>;
  return (
    <ul className="bare-list">
      {roles.map((held) => (
        <li key={`${held.role} ${held.domain} ${held.entry_index}`}>
          <strong>{held.role}</strong> {say("access.in", { domain: held.domain })}
          {held.valid_until !== null && (
            <>
              {", "}
              {say("access.until")} <Time at={held.valid_until} relative={false} />
            </>
          )}{" "}
          <EntryLink index={held.entry_index} />
        </li>
      ))}
    </ul>
  );
}
