/** One connector: where it leads, how it may be used, and what it can do. */
import { type Fact, Facts, Table, visible } from "../../design";
import { type Formats, type Say, useFormats, useWords } from "../../i18n";
import { LastFailure } from "./Connectors";
import { BreakerTag, LimitWords, Opened, WayTag } from "./parts";
import type { Connector } from "./queries";

/** The pane below the list. */
export function ConnectorPane({ connector }: { connector: Connector }) {
  const say = useWords();
  const formats = useFormats();
  const events = Object.entries(connector.messages);
  return (
    <section className="pane stack service-pane" aria-label={visible(connector.title)}>
      <Opened name={connector.name}>
        <span>{visible(connector.title)}</span>
        <span className="muted">{say("connectors.version.number", { version: connector.version })}</span>
        <WayTag direction={connector.direction} />
        {connector.direction === "out" && <BreakerTag state={connector.breaker.state} />}
      </Opened>
      <Facts
        facts={connector.direction === "in" ? comesIn(connector, say) : goesOut(connector, say, formats)}
      />
      {connector.operations.length > 0 && (
        <section className="stack tight" aria-labelledby="connector-operations">
          <h3 id="connector-operations">{say("connectors.operations")}</h3>
          <Operations operations={connector.operations} />
        </section>
      )}
      {events.length > 0 && (
        <section className="stack tight" aria-labelledby="connector-messages">
          <h3 id="connector-messages">{say("connectors.messages")}</h3>
          <Facts facts={events.map(([event, message]) => ({ name: event, value: message }))} />
        </section>
      )}
    </section>
  );
}

/** How events come in: from where, with what secret, and as whom they are told to instances. */
function comesIn(connector: Connector, say: Say): Fact[] {
  const place = connector.via === "hook" ? `POST /v1/hooks/${connector.name}` : connector.leads_to;
  return [
    { name: say("connectors.via"), value: say(`connectors.via.${connector.via}`) },
    {
      name: say("connectors.comes-to"),
      value: <span className="leads-to mono">{visible(place) || say("connectors.nothing-said")}</span>,
    },
    {
      name: say("connectors.secret"),
      value: connector.credential ?? say("connectors.credential.none"),
    },
    {
      name: say("connectors.told-as"),
      value: say("connectors.told-as.who", { actor: connector.actor ?? "", domain: connector.domain ?? "" }),
    },
  ];
}

/** How calls go out: where to, with what credential, how often, and until what failure. */
function goesOut(connector: Connector, say: Say, formats: Formats): Fact[] {
  const { limits } = connector;
  return [
    { name: say("connectors.via"), value: say(`connectors.via.${connector.via}`) },
    {
      name: say("connectors.leads-to"),
      value: (
        <span className="leads-to mono">{visible(connector.leads_to) || say("connectors.nothing-said")}</span>
      ),
    },
    {
      name: say("connectors.credential"),
      value: connector.credential ?? say("connectors.credential.none"),
    },
    {
      name: say("agents.limits"),
      value: <LimitWords atOnce={limits.at_once} perMinute={limits.per_minute} />,
    },
    {
      name: say("connectors.breaker.after"),
      value: say("connectors.breaker.rule", {
        failures: limits.failures,
        within: formats.span(limits.within_ms / 1_000),
        pause: formats.span(limits.pause_ms / 1_000),
      }),
    },
    { name: say("connectors.failed"), value: <LastFailure breaker={connector.breaker} /> },
  ];
}

function Operations({ operations }: Pick<Connector, "operations">) {
  const say = useWords();
  return (
    <Table
      label={say("connectors.operations")}
      rows={operations}
      rowKey={(row) => row.name}
      columns={[
        {
          key: "name",
          title: say("connectors.operation"),
          cell: (row) => (
            <>
              <span className="mono">{row.name}</span>
              {row.title !== "" && <span className="under">{visible(row.title)}</span>}
            </>
          ),
        },
        { key: "takes", title: say("connectors.takes"), cell: (row) => <TypeText type={row.takes} /> },
        { key: "answers", title: say("connectors.answers"), cell: (row) => <TypeText type={row.answer} /> },
        {
          key: "example",
          title: say("connectors.example"),
          cell: (row) => say(row.has_example ? "connectors.yes" : "connectors.no"),
        },
      ]}
    />
  );
}

/** A type as the connector declares it. */
function TypeText({ type }: { type: unknown }) {
  const say = useWords();
  if (type === null || type === undefined)
    return <span className="muted">{say("connectors.nothing-said")}</span>;
  return <span className="mono small leads-to">{typesIn(type)}</span>;
}

/** `{amount: money, lines: [text]}` in place of JSON: the names, and what each is. */
export function typesIn(type: unknown): string {
  if (type === null || typeof type !== "object") return visible(String(type));
  if (Array.isArray(type)) return type.map(typesIn).join(", ");
  const members = type as Readonly<Record<string, unknown>>;
  if (typeof members.type === "string") {
    if (members.type === "list" || members.type === "object")
      return members.items === undefined && members.fields === undefined
        ? members.type
        : `${members.type} (${typesIn(members.items ?? members.fields)})`;
    return members.type;
  }
  return Object.entries(members)
    .map(([name, member]) => `${visible(name)}: ${typesIn(member)}`)
    .join(", ");
}
