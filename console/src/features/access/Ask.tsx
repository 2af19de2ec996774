/** May somebody do something, and why; or who all could: asked of the enforcement point, answered in words. */
import { useQuery } from "@tanstack/react-query";
import { client, given } from "../../api/client";
import type { components } from "../../api/schema";
import { Button, Icon, QueryView, SearchField, SelectField, ServerWords } from "../../design";
import { useWords } from "../../i18n";
import type { Filtering } from "../../shell/filters";
import { type CallName, useCalled, useHolders } from "../assurance/called";
import { EntryLink } from "../assurance/parts";
import { useRoles } from "./policy";
import { actsOf, domainsOf } from "./words";

type Right = components["schemas"]["RightValue"];
type Explained = components["schemas"]["ExplainAnswer"];
type Names = "tab" | "on" | "who" | "text" | "act" | "domain";

export interface AskProps {
  at: number | null;
  filters: Filtering<Names>["filters"];
  change: Filtering<Names>["change"];
}

/** The question, which stands in the address, and its answer. */
export default function Ask({ at, filters, change }: AskProps) {
  const say = useWords();
  const roles = useRoles().data ?? [];
  const holders = useHolders(at).data ?? [];
  const { who = "", act = "", domain = "organisation" } = filters;
  const acts = actsOf(roles);
  const domains = domainsOf(
    roles,
    holders.flatMap((one) => one.roles),
  );
  return (
    <section className="pane stack" aria-labelledby="ask">
      <div className="row apart">
        <h2 id="ask">{say("access.ask")}</h2>
        {(act !== "" || who !== "") && (
          <Button kind="plain" small onPress={() => change({ who: null, act: null, domain: null })}>
            {say("access.ask.clear")}
          </Button>
        )}
      </div>
      <div className="assurance-filters">
        <SearchField
          label={say("access.ask.who")}
          value={who}
          options={[
            { id: "", label: say("access.ask.anybody") },
            ...holders.map((one) => ({ id: one.id, label: one.called })),
          ]}
          onChange={(id) => change({ who: id })}
        />
        <SearchField
          label={say("access.ask.act")}
          value={act === "" ? null : act}
          options={acts.map((id) => ({ id, label: actLabel(id) }))}
          onChange={(id) => change({ act: id })}
        />
        <SelectField
          label={say("access.ask.domain")}
          value={domain}
          options={domains.map((id) => ({
            id,
            label: id === "organisation" ? say("access.whole") : id,
          }))}
          onChange={(id) => change({ domain: id === "organisation" ? null : id })}
        />
      </div>
      {act === "" ? (
        <p className="muted small">{say("access.ask.hint")}</p>
      ) : (
        <Answer who={who} act={act} domain={domain} at={at} />
      )}
    </section>
  );
}

/** `task:decide` as people read it: the act, then what it is done to. */
function actLabel(act: string): string {
  const [object = "", action = ""] = act.split(":");
  return `${action} · ${object}`;
}

interface AnswerProps {
  who: string;
  act: string;
  domain: string;
  at: number | null;
}

/** Of one person now: what the enforcement point itself says. Of everybody, or of the past: what the assignments give. */
function Answer(props: AnswerProps) {
  return props.who !== "" && props.at === null ? <Explanation {...props} /> : <Everybody {...props} />;
}

function Explanation({ who, act, domain }: AnswerProps) {
  const [object = "", action = ""] = act.split(":");
  const query = useQuery({
    queryKey: ["access", "explain", who, act, domain],
    queryFn: ({ signal }) =>
      given(
        client.GET("/v1/access/explain", {
          params: { query: { actor: who, object, action, domain } },
          signal,
        }),
      ),
  });
  return (
    <QueryView query={query} lines={2}>
      {(found) => <Told found={found} act={act} domain={domain} />}
    </QueryView>
  );
}

function Told({ found, act, domain }: { found: Explained; act: string; domain: string }) {
  const say = useWords();
  const called = useCalled([found.actor]);
  const values = { who: called(found.actor), act: actLabel(act), domain };
  return (
    <div
      className={found.permitted ? "told-answer yes stack tight" : "told-answer no stack tight"}
      role="status"
    >
      <p className="check-title">
        <Icon name={found.permitted ? "check" : "failed"} />{" "}
        {say(found.permitted ? "access.yes" : "access.no", values)}
      </p>
      {found.permitted ? (
        <>
          {found.right && <Why right={found.right} />}
          <p className="muted small">{say("access.second-question")}</p>
        </>
      ) : (
        <p>
          <ServerWords text={found.detail ?? ""} wording={found.wording} className="inline" />{" "}
          <code className="muted">{found.reason}</code>
        </p>
      )}
    </div>
  );
}

/** The roles, the rules and the assignments behind a right. */
function Why({ right }: { right: Right }) {
  const say = useWords();
  return (
    <ul className="bare-list">
      {right.paths.map((path) => (
        <li key={path.join(" ")}>
          {say("access.why.role", { roles: path.join(` ${say("access.why.includes")} `) })}
        </li>
      ))}
      {right.rules.map((rule) => (
        <li key={rule}>
          {say("access.why.rule")} <code>{rule}</code>
        </li>
      ))}
      <li>
        {say("access.why.assigned")}{" "}
        {right.assignments.map((index) => (
          <span key={index}>
            <EntryLink index={index} />{" "}
          </span>
        ))}
      </li>
    </ul>
  );
}

function Everybody({ who, act, domain, at }: AnswerProps) {
  const say = useWords();
  const [object = "", action = ""] = act.split(":");
  const query = useQuery({
    queryKey: ["access", "who-could", act, domain, at],
    queryFn: async ({ signal }) => {
      const when = at === null ? {} : { at: String(at) };
      const asked = { object, action, domain, ...when };
      return (await given(client.GET("/v1/access/who-could", { params: { query: asked }, signal }))).items;
    },
  });
  const mine = (found: readonly Right[]) => found.filter((one) => who === "" || one.actor === who);
  const called = useCalled([who, ...mine(query.data ?? []).map((one) => one.actor)]);
  return (
    <QueryView query={query} lines={3}>
      {(found) => {
        const rights = mine(found);
        return (
          <div className="stack tight" role="status">
            <p className="check-title">
              {who === ""
                ? say("access.who-could", { count: rights.length, act: actLabel(act), domain })
                : say(rights.length > 0 ? "access.could" : "access.could-not", {
                    who: called(who),
                    act: actLabel(act),
                    domain,
                  })}
            </p>
            {at !== null && <p className="muted small">{say("access.past-policy")}</p>}
            {rights.length > 0 && <Rights rights={rights} called={called} />}
          </div>
        );
      }}
    </QueryView>
  );
}

function Rights({ rights, called }: { rights: readonly Right[]; called: CallName }) {
  return (
    <ul className="chain">
      {rights.map((right) => (
        <li key={`${right.actor} ${right.domain}`}>
          <strong>{called(right.actor)}</strong>
          <Why right={right} />
        </li>
      ))}
    </ul>
  );
}
