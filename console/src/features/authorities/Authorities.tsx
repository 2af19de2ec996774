/** The authority register: who may decide what, up to which limit, from when to when, and on which paper it rests. */
import { useQuery } from "@tanstack/react-query";
import { useMe } from "../../api/session";
import { CheckboxField, DateField, Empty, QueryView, Table, TextField, Time } from "../../design";
import { useChoices, useWords } from "../../i18n";
import { dayStart } from "../../shell/days";
import { useFilters } from "../../shell/filters";
import { Page } from "../../shell/Page";
import { useCalled } from "../assurance/called";
import { Conditions, Limits, Powers, State, useHolderName } from "./parts";
import { endsSoon, type Grant, grantsQuery, type Register, registerQuery } from "./queries";

const NAMES = ["text", "on", "soon"] as const;

/** The screen. */
export function Component() {
  const say = useWords();
  const { zone } = useChoices().choices;
  const { filters, change, clear } = useFilters("authorities", NAMES);
  const at = filters.on === undefined ? null : dayStart(filters.on, zone, 1) - 1;
  const isFiltered = Object.keys(filters).length > 0;
  const grants = useQuery(grantsQuery(at));
  const register = useQuery(registerQuery);
  return (
    <Page title={say("authorities.title")} lead={say("authorities.lead")}>
      <search className="filters no-print" aria-label={say("ledger.filters")}>
        <TextField
          label={say("access.filter")}
          type="search"
          value={filters.text ?? ""}
          onChange={(text) => change({ text })}
        />
        <DateField
          label={say("authorities.in-force-at")}
          hint={at === null ? say("authorities.all-now") : say("access.as-of.end", { zone })}
          value={filters.on ?? null}
          onChange={(on) => change({ on })}
        />
        <CheckboxField
          label={say("authorities.only-soon")}
          value={filters.soon === "1"}
          onChange={(soon) => change({ soon: soon ? "1" : null })}
        />
      </search>
      <Grants
        query={grants}
        register={register.data}
        text={filters.text ?? ""}
        isSoon={filters.soon === "1"}
        onClear={isFiltered ? clear : undefined}
      />
      {register.data && <Instruments register={register.data} />}
    </Page>
  );
}

interface GrantsProps {
  query: ReturnType<typeof useQuery<Grant[]>>;
  register: Register | undefined;
  text: string;
  isSoon: boolean;
  onClear: (() => void) | undefined;
}

function Grants({ query, register, text, isSoon, onClear }: GrantsProps) {
  const say = useWords();
  const { now } = useMe();
  const all = query.data ?? [];
  const called = useCalled(all.flatMap((one) => [actorOf(one.grantee), actorOf(one.grantor)]));
  const holder = useHolderName(register, called);
  const wanted = text.trim().toLowerCase();
  const fits = (one: Grant) => {
    if (isSoon && !endsSoon(one, now)) return false;
    const kinds = one.powers.map((power) => power.decision_kind);
    return [one.name, one.domain, holder(one.grantee), ...kinds].some((word) =>
      word.toLowerCase().includes(wanted),
    );
  };
  const soon = all.filter((one) => endsSoon(one, now)).length;
  return (
    <section className="stack" aria-labelledby="grants">
      <h2 id="grants">{say("authorities.grants")}</h2>
      <QueryView
        query={query}
        isEmpty={(found) => !found.some(fits)}
        empty={<Empty title={say("authorities.empty")} />}
        onClearFilters={onClear}
        lines={8}
      >
        {(found) => (
          <>
            <p className="muted small">
              {say("authorities.count", { count: found.filter(fits).length, all: found.length, soon })}
            </p>
            <GrantTable
              grants={found.filter(fits)}
              all={found}
              register={register}
              holder={holder}
              now={now}
            />
          </>
        )}
      </QueryView>
    </section>
  );
}

function actorOf(party: string): string {
  return party.startsWith("person:") ? party : "";
}

interface GrantTableProps {
  grants: readonly Grant[];
  all: readonly Grant[];
  register: Register | undefined;
  holder: (party: string) => string;
  now: number;
}

function GrantTable({ grants, all, register, holder, now }: GrantTableProps) {
  const say = useWords();
  const { zone } = useChoices().choices;
  const paper = (id: string) => register?.instruments.find((one) => one.id === id);
  return (
    <Table
      label={say("authorities.grants")}
      rows={grants}
      rowKey={(row) => row.id}
      href={(row) => `/authorities/${encodeURIComponent(row.id)}`}
      columns={[
        {
          key: "holder",
          title: say("authorities.holder"),
          heads: true,
          cell: (row) => (
            <>
              {holder(row.grantee)}
              <span className="under">{row.name}</span>
            </>
          ),
        },
        {
          key: "may",
          title: say("authorities.may"),
          cell: (row) => (
            <>
              <Powers grant={row} />
              <span className="under">{say("access.in", { domain: row.domain })}</span>
            </>
          ),
        },
        {
          key: "limit",
          title: say("authorities.limit"),
          cell: (row) => (
            <>
              <Limits limits={row.limits} />
              {row.conditions.length > 0 && (
                <span className="under">
                  <Conditions conditions={row.conditions} />
                </span>
              )}
            </>
          ),
        },
        {
          key: "period",
          title: say("authorities.period", { zone }),
          cell: (row) => (
            <>
              <Time at={row.valid_from} relative={false} zone={false} />
              <span className="under">
                {say("authorities.to")} <Time at={row.valid_to} relative={false} zone={false} />
              </span>
            </>
          ),
        },
        {
          key: "paper",
          title: say("authorities.paper"),
          cell: (row) => {
            const found = paper(row.instrument);
            const parent = all.find((one) => one.id === row.parent);
            return (
              <>
                {found ? found.title : row.instrument}
                {row.parent !== null && (
                  <span className="under">
                    {say("authorities.under", { name: parent?.name ?? row.parent })}
                  </span>
                )}
              </>
            );
          },
        },
        { key: "state", title: say("keys.state"), cell: (row) => <State grant={row} now={now} /> },
      ]}
    />
  );
}

/** The papers, and the offices with their holders. */
function Instruments({ register }: { register: Register }) {
  const say = useWords();
  const called = useCalled(register.offices.flatMap((one) => one.holdings.map((held) => held.person)));
  return (
    <>
      <section className="stack" aria-labelledby="instruments">
        <h2 id="instruments">{say("authorities.instruments")}</h2>
        <Table
          label={say("authorities.instruments")}
          rows={register.instruments}
          rowKey={(row) => row.id}
          columns={[
            {
              key: "title",
              title: say("authorities.paper"),
              heads: true,
              cell: (row) => (
                <>
                  {row.title}
                  <span className="under">
                    {row.kind} {row.number}
                  </span>
                </>
              ),
            },
            { key: "by", title: say("authorities.issued-by"), cell: (row) => row.issued_by },
            { key: "on", title: say("authorities.issued-on"), cell: (row) => row.issued_on },
            {
              key: "document",
              title: say("authorities.document"),
              cell: (row) =>
                row.document === "" ? (
                  <span className="muted">{say("authorities.no-document")}</span>
                ) : (
                  <code className="breaks">{row.document}</code>
                ),
            },
          ]}
        />
      </section>
      {register.offices.length > 0 && (
        <section className="stack" aria-labelledby="offices">
          <h2 id="offices">{say("authorities.offices")}</h2>
          <Table
            label={say("authorities.offices")}
            rows={register.offices}
            rowKey={(row) => row.id}
            columns={[
              { key: "title", title: say("authorities.office"), heads: true, cell: (row) => row.title },
              {
                key: "holders",
                title: say("authorities.holders"),
                cell: (row) => (
                  <ul className="plain">
                    {row.holdings.map((held) => (
                      <li key={`${held.person} ${held.held_from}`}>
                        {called(held.person)}{" "}
                        <span className="muted small">
                          <Time at={held.held_from} relative={false} /> {say("authorities.to")}{" "}
                          <Time at={held.held_to} relative={false} />
                        </span>
                      </li>
                    ))}
                  </ul>
                ),
              },
            ]}
          />
        </section>
      )}
    </>
  );
}
