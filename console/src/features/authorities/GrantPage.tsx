/** One grant: what it allows, the chain it rests on, what was passed on from it, its versions, what became of it. */
import { useQuery } from "@tanstack/react-query";
import { Link, useParams } from "react-router";
import { useMe } from "../../api/session";
import { Facts, Hash, QueryView, Table, Tag, Time } from "../../design";
import { useWords } from "../../i18n";
import { Page } from "../../shell/Page";
import { useCalled } from "../assurance/called";
import { Conditions, Limits, Powers, State, useHolderName } from "./parts";
import { chainOf, type Grant, type GrantWhole, grantQuery, grantsQuery, registerQuery } from "./queries";
import "../assurance/assurance.css";

/** The screen. */
export function Component() {
  const say = useWords();
  const { id = "" } = useParams();
  const grant = useQuery(grantQuery(id));
  return (
    <Page title={grant.data?.name ?? say("authorities.grant")}>
      <QueryView query={grant} lines={8}>
        {(found) => <Shown grant={found} />}
      </QueryView>
    </Page>
  );
}

function Shown({ grant }: { grant: GrantWhole }) {
  const say = useWords();
  const { now } = useMe();
  const all = useQuery(grantsQuery(null)).data ?? [];
  const register = useQuery(registerQuery).data;
  const chain = chainOf(grant, all);
  const passedOn = all.filter((one) => one.parent === grant.id);
  const parties = [...chain, ...passedOn].flatMap((one) => [one.grantee, one.grantor]);
  const called = useCalled([...parties, ...grant.holders]);
  const holder = useHolderName(register, called);
  const paper = grant.instrument_value;
  return (
    <div className="split">
      <div className="stack">
        <Facts
          facts={[
            { name: say("keys.state"), value: <State grant={grant} now={now} /> },
            { name: say("authorities.holder"), value: holder(grant.grantee) },
            {
              name: say("authorities.holders-now"),
              value: grant.holders.map(called).join(", ") || say("authorities.nobody-now"),
            },
            { name: say("authorities.grantor"), value: holder(grant.grantor) },
            { name: say("authorities.may"), value: <Powers grant={grant} /> },
            { name: say("access.ask.domain"), value: grant.domain },
            { name: say("authorities.limit"), value: <Limits limits={grant.limits} /> },
            ...(grant.conditions.length > 0
              ? [{ name: say("authorities.conditions"), value: <Conditions conditions={grant.conditions} /> }]
              : []),
            { name: say("ledger.from"), value: <Time at={grant.valid_from} /> },
            { name: say("ledger.to"), value: <Time at={grant.valid_to} /> },
            {
              name: say("authorities.digest"),
              value: <Hash value={grant.digest} label={say("authorities.digest")} />,
            },
          ]}
        />
        <Statuses grant={grant} />
        <Versions grant={grant} />
      </div>
      <aside className="stack">
        <section className="pane stack" aria-labelledby="chain">
          <h2 id="chain">{say("authorities.chain")}</h2>
          <ol className="chain">
            {paper && (
              <li>
                <strong>{paper.title}</strong>
                <span className="muted small">
                  {paper.kind} {paper.number} · {paper.issued_by} · {paper.issued_on}
                </span>
                {paper.document !== "" && <Hash value={paper.document} label={say("authorities.document")} />}
              </li>
            )}
            {chain.map((one) => (
              <GrantLine key={one.id} grant={one} holder={holder} isCurrent={one.id === grant.id} />
            ))}
          </ol>
        </section>
        <section className="pane stack" aria-labelledby="passed">
          <h2 id="passed">{say("authorities.passed-on")}</h2>
          {passedOn.length === 0 ? (
            <p className="muted">{say("authorities.not-passed-on")}</p>
          ) : (
            <ul className="chain">
              {passedOn.map((one) => (
                <GrantLine key={one.id} grant={one} holder={holder} isCurrent={false} />
              ))}
            </ul>
          )}
        </section>
      </aside>
    </div>
  );
}

interface GrantLineProps {
  grant: Grant;
  holder: (party: string) => string;
  isCurrent: boolean;
}

function GrantLine({ grant, holder, isCurrent }: GrantLineProps) {
  return (
    <li className={isCurrent ? "current" : ""} {...(isCurrent ? { "aria-current": "true" as const } : {})}>
      {isCurrent ? (
        <strong>{holder(grant.grantee)}</strong>
      ) : (
        <Link to={`/authorities/${encodeURIComponent(grant.id)}`}>{holder(grant.grantee)}</Link>
      )}
      <span className="muted small">{grant.name}</span>
      <span className="small">
        <Limits limits={grant.limits} />
      </span>
    </li>
  );
}

/** Suspensions and revocations. */
function Statuses({ grant }: { grant: GrantWhole }) {
  const say = useWords();
  if (grant.statuses.length === 0) return null;
  return (
    <section className="stack tight" aria-labelledby="statuses">
      <h2 id="statuses">{say("authorities.statuses")}</h2>
      <ul className="chain">
        {grant.statuses.map((one) => (
          <li key={`${one.version} ${one.recorded_at}`}>
            <span className="row">
              <Tag tone="bad">{say(`authorities.status.${one.status}`)}</Tag>
              <Time at={one.effective_at} />
            </span>
            {one.ends_at !== null && (
              <span className="muted small">
                {say("authorities.to")} <Time at={one.ends_at} />
              </span>
            )}
          </li>
        ))}
      </ul>
    </section>
  );
}

/** Every version, newest first. */
function Versions({ grant }: { grant: GrantWhole }) {
  const say = useWords();
  return (
    <section className="stack tight" aria-labelledby="versions">
      <h2 id="versions">{say("authorities.versions")}</h2>
      <Table
        label={say("authorities.versions")}
        rows={[...grant.versions].reverse()}
        rowKey={(row) => String(row.version)}
        columns={[
          { key: "version", title: say("authorities.version"), heads: true, cell: (row) => row.version },
          {
            key: "recorded",
            title: say("ledger.recorded"),
            cell: (row) => <Time at={row.recorded_at} evidence />,
          },
          { key: "limit", title: say("authorities.limit"), cell: (row) => <Limits limits={row.limits} /> },
          {
            key: "to",
            title: say("ledger.to"),
            cell: (row) => <Time at={row.valid_to} relative={false} />,
          },
        ]}
      />
    </section>
  );
}
