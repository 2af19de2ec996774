/** Access as it is or was: who holds which role, what a role allows, and whether and why somebody may do something. */
import { useQuery } from "@tanstack/react-query";
import { client, given } from "../../api/client";
import type { components } from "../../api/schema";
import { useMay } from "../../api/session";
import { DateField, Empty, Forbidden, QueryView, Table, Tabs, Tag, TextField, Time } from "../../design";
import { useChoices, useWords } from "../../i18n";
import { dayStart } from "../../shell/days";
import { useFilters } from "../../shell/filters";
import { Page } from "../../shell/Page";
import { type Held, type Holder, useHolders } from "../assurance/called";
import { EntryLink } from "../assurance/parts";
import { Ask } from "./Ask";
import { rulesOf } from "./words";

export type Role = components["schemas"]["RoleValue"];

const NAMES = ["tab", "on", "who", "text", "act", "domain"] as const;

/** The roles of the policy in force. */
export function useRoles() {
  return useQuery({
    queryKey: ["roles"],
    queryFn: async ({ signal }) => (await given(client.GET("/v1/roles", { signal }))).items,
  });
}

/** The screen. */
export function Component() {
  const say = useWords();
  const may = useMay();
  const { zone } = useChoices().choices;
  const { filters, change, clear } = useFilters("access", NAMES);
  // The last microsecond of the day, so that what began on it is there.
  const at = filters.on === undefined ? null : dayStart(filters.on, zone, 1) - 1;
  if (!may("access:read")) {
    return (
      <Page title={say("access.title")}>
        <Forbidden />
      </Page>
    );
  }
  const isFiltered = filters.text !== undefined;
  return (
    <Page title={say("access.title")} lead={say("access.lead")}>
      <div className="filters">
        <DateField
          label={say("access.as-of")}
          hint={at === null ? say("access.as-of.now") : say("access.as-of.end", { zone })}
          value={filters.on ?? null}
          onChange={(on) => change({ on })}
        />
      </div>
      <Ask at={at} filters={filters} change={change} />
      <Tabs
        label={say("access.views")}
        selected={filters.tab === "roles" ? "roles" : "people"}
        onSelect={(tab) => change({ tab: tab === "people" ? null : tab })}
        tabs={[
          {
            id: "people",
            title: say("access.people"),
            content: (
              <People
                at={at}
                text={filters.text ?? ""}
                onText={(text) => change({ text })}
                onClear={isFiltered ? clear : undefined}
              />
            ),
          },
          { id: "roles", title: say("access.roles"), content: <Roles /> },
        ]}
      />
    </Page>
  );
}

interface PeopleProps {
  at: number | null;
  text: string;
  onText: (text: string) => void;
  onClear: (() => void) | undefined;
}

/** Everybody, with the roles of the instant. */
function People({ at, text, onText, onClear }: PeopleProps) {
  const say = useWords();
  const query = useHolders(at);
  const wanted = text.trim().toLowerCase();
  const fits = (one: Holder) =>
    [one.called, ...one.roles.flatMap((held) => [held.role, held.domain])].some((word) =>
      word.toLowerCase().includes(wanted),
    );
  return (
    <div className="stack">
      <div className="filters no-print">
        <TextField label={say("access.filter")} type="search" value={text} onChange={onText} />
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
    <ul className="plain">
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

/** Roles with what each allows. */
function Roles() {
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
    <ul className="plain">
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
