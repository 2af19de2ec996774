/** The roles of the policy in force, with what each allows. */
import { Empty, QueryView, Table, Tag } from "../../design";
import { useWords } from "../../i18n";
import { type Role, useRoles } from "./policy";
import { rulesOf } from "./words";

/** Roles with what each allows. */
export default function Roles() {
  const say = useWords();
  const query = useRoles();
  return (
    <div className="stack">
      <p className="muted small">{say("access.roles.now")}</p>
      <QueryView
        query={query}
        isEmpty={(found) => found.length === 0}
        empty={<Empty title={say("access.no-policy")} />}
      >
        {(found) => (
          <Table
            label={say("access.roles")}
            rows={found}
            rowKey={(row) => row.name}
            columns={[
              {
                key: "name",
                title: say("access.role"),
                heads: true,
                cell: (row) => (
                  <>
                    {row.title}
                    <span className="under mono">{row.name}</span>
                  </>
                ),
              },
              {
                key: "includes",
                title: say("access.includes"),
                cell: (row) => row.includes.join(", ") || <span className="muted">{say("access.none")}</span>,
              },
              { key: "rules", title: say("access.allows"), cell: (row) => <Rules role={row} /> },
            ]}
          />
        )}
      </QueryView>
    </div>
  );
}

function Rules({ role }: { role: Role }) {
  const say = useWords();
  const lines = rulesOf(role);
  if (lines.length === 0) return <span className="muted">{say("access.none")}</span>;
  return (
    <ul className="bare-list">
      {lines.map((line) => (
        <li key={line.key}>
          {line.effect === "deny" && <Tag tone="bad">{say("access.denies")}</Tag>}{" "}
          <strong>{line.object}</strong>: {line.actions.join(", ")}
          {line.within !== "organisation" && <> {say("access.in", { domain: line.within })}</>}
        </li>
      ))}
    </ul>
  );
}
