/** Keys and witnesses: what signs for the log, since when and up to where, and who else has seen it. */
import { useQuery } from "@tanstack/react-query";
import { useMemo } from "react";
import { ButtonLink, Empty, Hash, QueryView, Table, Tag, Time, type Tone } from "../../design";
import { useFormats, useWords } from "../../i18n";
import { Page } from "../../shell/Page";
import { fromBase64, toHex } from "../../verify/bytes";
import { sha256 } from "../../verify/sha256";
import { EntryLink } from "../assurance/parts";
import { type KeysAnswer, keysQuery, type Standing, standingQuery } from "../ledger/queries";
import { LogStanding } from "../ledger/Standing";
import "../assurance/assurance.css";

type Key = KeysAnswer["items"][number];
type Witness = Standing["items"][number];

/** The screen. */
export function Component() {
  const say = useWords();
  return (
    <Page title={say("keys.title")} lead={say("keys.lead")}>
      <LogStanding />
      <KeysOfLog />
      <Witnesses />
    </Page>
  );
}

const TONES: Readonly<Record<Key["state"], Tone>> = {
  "in force": "good",
  rotated: "neutral",
  retired: "neutral",
  compromised: "bad",
};

const STATES = {
  "in force": "keys.state.in-force",
  rotated: "keys.state.rotated",
  retired: "keys.state.retired",
  compromised: "keys.state.compromised",
} as const;

const PURPOSES: Readonly<
  Record<string, "keys.purpose.commit" | "keys.purpose.identity" | "keys.purpose.post-quantum">
> = {
  commit: "keys.purpose.commit",
  identity: "keys.purpose.identity",
  "post-quantum": "keys.purpose.post-quantum",
};

/** Every key, in the order in which they were put in force. */
function KeysOfLog() {
  const say = useWords();
  const formats = useFormats();
  const query = useQuery(keysQuery);
  return (
    <section className="stack" aria-labelledby="keys">
      <h2 id="keys">{say("keys.of-log")}</h2>
      <QueryView
        query={query}
        isEmpty={(found) => found.items.length === 0}
        empty={<Empty title={say("keys.empty")} />}
      >
        {(found) => (
          <>
            <Table
              label={say("keys.of-log")}
              rows={found.items}
              rowKey={(row) => row.key_id}
              columns={[
                {
                  key: "purpose",
                  title: say("keys.purpose"),
                  heads: true,
                  cell: (row) => {
                    const purpose = PURPOSES[row.purpose];
                    return (
                      <>
                        {purpose ? say(purpose) : row.purpose}
                        {purpose && <span className="under">{say(`${purpose}-does`)}</span>}
                      </>
                    );
                  },
                },
                {
                  key: "fingerprint",
                  title: say("keys.fingerprint"),
                  cell: (row) => <Fingerprint row={row} />,
                },
                {
                  key: "signs",
                  title: say("keys.signs"),
                  cell: (row) => (
                    <>
                      {row.to_size === null
                        ? say("keys.signs.from", { from: formats.number(row.from_size) })
                        : say("keys.signs.range", {
                            from: formats.number(row.from_size),
                            to: formats.number(row.to_size),
                          })}
                      {row.void_from !== null && (
                        <span className="under">
                          {say("keys.void", { size: formats.number(row.void_from) })}
                        </span>
                      )}
                    </>
                  ),
                },
                {
                  key: "age",
                  title: say("keys.changed"),
                  cell: (row) => (
                    <>
                      <Time at={row.changed_at} evidence />
                      <span className="under">
                        <EntryLink index={row.changed} />
                      </span>
                    </>
                  ),
                },
                {
                  key: "state",
                  title: say("keys.state"),
                  cell: (row) => (
                    <>
                      <Tag tone={TONES[row.state]}>{say(STATES[row.state])}</Tag>
                      <span className="under">
                        {row.certified === null ? (
                          say("keys.not-certified")
                        ) : (
                          <>
                            {say("keys.certified")} <EntryLink index={row.certified} />
                          </>
                        )}
                      </span>
                    </>
                  ),
                },
                {
                  key: "vkey",
                  title: say("verify.vkey"),
                  cell: (row) => <Hash value={row.vkey} label={say("verify.vkey")} />,
                },
              ]}
            />
            <Lists lists={found.lists} />
          </>
        )}
      </QueryView>
    </section>
  );
}

/** The SHA-256 of the public key, without the octet of its type: what two people read to each other. */
function Fingerprint({ row }: { row: Key }) {
  const say = useWords();
  const value = useMemo(() => {
    try {
      const material = row.vkey.split("+").slice(2).join("+"); // name+id+key; the alphabet of the key has `+` too
      return toHex(sha256(fromBase64(material).subarray(1)));
    } catch {
      return null;
    }
  }, [row.vkey]);
  return (
    <>
      {value === null ? <code>{row.key_id}</code> : <Hash value={value} label={say("keys.fingerprint")} />}
      <span className="under">
        {say("keys.id")} <code>{row.key_id}</code>
      </span>
    </>
  );
}

/** The signed lists as one file, which a verifier keeps beside the key they pinned. */
function Lists({ lists }: { lists: readonly string[] }) {
  const say = useWords();
  const address = useMemo(
    () => `data:text/plain;charset=utf-8,${encodeURIComponent(lists.join(""))}`,
    [lists],
  );
  if (lists.length === 0) return <p className="muted">{say("keys.no-lists")}</p>;
  return (
    <details className="folded">
      <summary>{say("keys.lists", { count: lists.length })}</summary>
      <p className="muted small">{say("keys.lists.why")}</p>
      <pre>{lists.at(-1)}</pre>
      <div className="row no-print">
        <ButtonLink small href={address} download="keys.txt">
          {say("keys.lists.save")}
        </ButtonLink>
      </div>
    </details>
  );
}

/** Each witness: what it cosigned last, and how far behind it is. */
function Witnesses() {
  const say = useWords();
  const query = useQuery(standingQuery);
  return (
    <section className="stack" aria-labelledby="witnesses">
      <h2 id="witnesses">{say("keys.witnesses")}</h2>
      <QueryView
        query={query}
        isEmpty={(found) => found.items.length === 0}
        empty={<Empty title={say("keys.no-witnesses")}>{say("keys.no-witnesses.detail")}</Empty>}
      >
        {(found) => (
          <>
            <p className="muted">
              {say(found.mode === "hard" ? "keys.mode.hard" : "keys.mode.soft", {
                quorum: found.quorum ?? "-",
              })}
            </p>
            <WitnessTable witnesses={found.items} />
          </>
        )}
      </QueryView>
    </section>
  );
}

function WitnessTable({ witnesses }: { witnesses: readonly Witness[] }) {
  const say = useWords();
  const formats = useFormats();
  return (
    <Table
      label={say("keys.witnesses")}
      rows={witnesses}
      rowKey={(row) => row.name}
      columns={[
        { key: "name", title: say("keys.witness"), heads: true, cell: (row) => row.name },
        {
          key: "size",
          title: say("keys.cosigned"),
          align: "end",
          cell: (row) => (row.seen_at === null ? say("keys.never") : formats.number(row.size)),
        },
        {
          key: "at",
          title: say("keys.cosigned-at"),
          cell: (row) => (row.seen_at === null ? say("keys.never") : <Time at={row.seen_at} evidence />),
        },
        {
          key: "lag",
          title: say("keys.lag"),
          cell: (row) =>
            row.lag_entries === 0
              ? say("keys.lag.none")
              : say("ledger.witnesses.lag", { count: row.lag_entries, span: formats.span(row.lag_seconds) }),
        },
        {
          key: "state",
          title: say("keys.state"),
          cell: (row) =>
            row.contradicts ? (
              <Tag tone="bad" icon="warning">
                {say("keys.contradicts")}
              </Tag>
            ) : (
              <Tag tone={row.lag_entries === 0 ? "good" : "soon"}>
                {say(row.lag_entries === 0 ? "keys.agrees" : "keys.behind")}
              </Tag>
            ),
        },
        {
          key: "vkey",
          title: say("verify.vkey"),
          cell: (row) => (
            <span className="stack tight">
              {row.vkeys.map((vkey) => (
                <Hash key={vkey} value={vkey} label={say("verify.vkey")} />
              ))}
            </span>
          ),
        },
      ]}
    />
  );
}
