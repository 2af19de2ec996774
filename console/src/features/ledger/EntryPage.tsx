/** One entry: what it says, and its proof, computed in this browser step by step. */
import { useQuery } from "@tanstack/react-query";
import { Link, useParams } from "react-router";
import { Button, ButtonLink, Facts, Hash, QueryView, Time } from "../../design";
import { useWords } from "../../i18n";
import { Page } from "../../shell/Page";
import { useCalled } from "../assurance/called";
import { Kept } from "./Kept";
import { Proof } from "./Proof";
import { type Entry, entryQuery, receiptQuery, standingQuery } from "./queries";
import "../assurance/assurance.css";

/** The screen. */
export function Component() {
  const say = useWords();
  const { index = "" } = useParams();
  const number = /^\d{1,16}$/.test(index) ? Number(index) : -1;
  return (
    <Page title={say("entry.title", { index })} actions={<Neighbours index={number} />}>
      <Shown key={number} index={number} />
    </Page>
  );
}

/** The entries before and after this one. */
function Neighbours({ index }: { index: number }) {
  const say = useWords();
  const size = useQuery(standingQuery).data?.size;
  return (
    <>
      {index > 0 && (
        <ButtonLink small href={`/ledger/${index - 1}`}>
          {say("entry.before")}
        </ButtonLink>
      )}
      {size !== undefined && index + 1 < size && (
        <ButtonLink small href={`/ledger/${index + 1}`}>
          {say("entry.after")}
        </ButtonLink>
      )}
    </>
  );
}

function Shown({ index }: { index: number }) {
  const entry = useQuery(entryQuery(index));
  const receipt = useQuery({ ...receiptQuery(index), enabled: entry.data !== undefined });
  return (
    <QueryView query={entry} lines={8}>
      {(found) => (
        <div className="entry-layout">
          <Said found={found} />
          <div className="stack">
            <QueryView query={receipt} lines={6}>
              {(given) => <Proof receipt={given} onAgain={() => void receipt.refetch()} />}
            </QueryView>
            {receipt.data && <Kept receipt={receipt.data} />}
            <Downloads index={index} />
          </div>
        </div>
      )}
    </QueryView>
  );
}

/** What the entry says: who, when, about what, and each part of its body folded. */
function Said({ found }: { found: Entry }) {
  const say = useWords();
  const { entry } = found;
  const called = useCalled([entry.actor.id, entry.actor.on_behalf_of ?? "", entry.subject]);
  const { actor } = entry;
  const who = actor.kind === "system" ? say("ledger.by.system") : called(actor.id);
  const facts = [
    { name: say("ledger.kind"), value: <code>{entry.kind}</code> },
    { name: say("ledger.recorded"), value: <Time at={entry.recorded_at} evidence /> },
    ...(entry.occurred_at
      ? [{ name: say("entry.occurred"), value: <Time at={entry.occurred_at} evidence /> }]
      : []),
    {
      name: say("ledger.actor"),
      value: (
        <>
          <Link to={`/ledger?actor=${encodeURIComponent(actor.id)}`}>{who}</Link>{" "}
          <span className="muted">{say(`entry.actor.${actor.kind}`, { method: actor.method ?? "-" })}</span>
        </>
      ),
    },
    ...(actor.on_behalf_of ? [{ name: say("entry.behalf"), value: called(actor.on_behalf_of) }] : []),
    {
      name: say("ledger.subject"),
      value: (
        <>
          <Link to={`/ledger?subject=${encodeURIComponent(entry.subject)}`}>
            <code>{called(entry.subject)}</code>
          </Link>{" "}
          <span className="muted">{say("entry.subject-index", { place: entry.subject_index })}</span>
        </>
      ),
    },
    { name: say("entry.log"), value: <code>{entry.origin}</code> },
    { name: say("entry.prev"), value: <Hash value={entry.prev} label={say("entry.prev")} /> },
  ];
  return (
    <section className="stack" aria-labelledby="said">
      <h2 id="said">{say("entry.said")}</h2>
      <Facts facts={facts} />
      <div>
        {Object.entries(entry)
          .filter(([, value]) => typeof value === "object" && value !== null && !Array.isArray(value))
          .map(([name, value]) => (
            <details key={name} className="folded" open={name === "payload"}>
              <summary>
                <code>{name}</code>
              </summary>
              {/* Scrolls within itself, so it must be reachable by keyboard. */}
              <pre>{JSON.stringify(value, null, 2)}</pre>
            </details>
          ))}
      </div>
    </section>
  );
}

/** The proof as files that other tools read. */
function Downloads({ index }: { index: number }) {
  const say = useWords();
  const base = `/v1/ledger/receipts/${index}`;
  return (
    <section className="stack tight no-print" aria-labelledby="downloads">
      <h2 id="downloads">{say("entry.downloads")}</h2>
      <p className="muted small">{say("entry.downloads.lead")}</p>
      <div className="row">
        <ButtonLink href={`${base}?proof=1&entry=1`} download={`entry-${index}.receipt.json`}>
          {say("entry.receipt")}
        </ButtonLink>
        <ButtonLink href={`${base}?format=tlog-proof`} download={`entry-${index}.tlog-proof`}>
          {say("entry.tlog-proof")}
        </ButtonLink>
        <ButtonLink href={`${base}?format=cose`} download={`entry-${index}.cose`}>
          {say("entry.cose")}
        </ButtonLink>
        <Button onPress={() => window.print()}>{say("entry.print")}</Button>
      </div>
    </section>
  );
}
