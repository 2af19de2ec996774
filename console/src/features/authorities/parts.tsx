/** Parts of a grant in words: what may be decided, up to which limit, under which conditions, and whether now. */
import { Tag } from "../../design";
import { useFormats, useWords } from "../../i18n";
import type { CallName } from "../assurance/called";
import { endsSoon, type Grant, type Limit, type Register } from "./queries";

/** Turns who is granted something into what they are called: an office by its title, a person by reference. */
export function useHolderName(register: Register | undefined, called: CallName): (party: string) => string {
  const say = useWords();
  return (party) => {
    if (party === "") return say("authorities.by-paper");
    const office = register?.offices.find((one) => one.id === party || `office:${one.id}` === party);
    return office === undefined ? called(party) : office.title;
  };
}

type PowerGrant = Pick<Grant, "powers">;

/** The decision kinds with their outcomes. */
export function Powers({ grant }: { grant: PowerGrant }) {
  const say = useWords();
  return (
    <ul className="bare-list">
      {grant.powers.map((power) => (
        <li key={`${power.decision_kind} ${power.blueprint} ${power.step} ${power.outcomes?.join()}`}>
          {power.decision_kind}
          <span className="muted small">
            {" "}
            {power.outcomes === null ? say("authorities.any-outcome") : power.outcomes.join(", ")}
            {power.blueprint !== null &&
              ` · ${power.blueprint}${power.step === null ? "" : `/${power.step}`}`}
          </span>
        </li>
      ))}
    </ul>
  );
}

/** Each limit: its amount, for what. */
export function Limits({ limits }: { limits: readonly Limit[] }) {
  const say = useWords();
  const formats = useFormats();
  if (limits.length === 0) return <span className="muted">{say("authorities.no-limit")}</span>;
  const amount = ({ currency, max }: Limit) =>
    /^[A-Z]{3}$/.test(currency) ? formats.money({ amount: max, currency }) : `${max} ${currency}`.trim();
  return (
    <ul className="bare-list">
      {limits.map((limit) => (
        <li key={`${limit.per} ${limit.days} ${limit.max} ${limit.outcomes?.join()}`} className="number">
          {say(limit.inclusive ? "authorities.up-to" : "authorities.below", { amount: amount(limit) })}{" "}
          <span className="muted small">
            {limit.per === "case"
              ? say("authorities.per-decision")
              : say("authorities.per-period", { days: limit.days })}
            {limit.outcomes !== null && ` · ${limit.outcomes.join(", ")}`}
          </span>
        </li>
      ))}
    </ul>
  );
}

/** The conditions, in the language they are written in. */
export function Conditions({ conditions }: { conditions: readonly string[] }) {
  const say = useWords();
  return (
    <>
      {say("authorities.if")} <code>{conditions.join("; ")}</code>
    </>
  );
}

/** Whether it is in force, and whether it soon ends. */
export function State(props: { grant: Grant; now: number }) {
  return (
    <span className="nowrap">
      <StateTag {...props} />
    </span>
  );
}

function StateTag({ grant, now }: { grant: Grant; now: number }) {
  const say = useWords();
  const formats = useFormats();
  if (endsSoon(grant, now)) {
    return (
      <Tag tone="soon" icon="clock">
        {say("authorities.ends-in", { span: formats.span((grant.valid_to - now) / 1_000_000) })}
      </Tag>
    );
  }
  if (grant.in_force) return <Tag tone="good">{say("keys.state.in-force")}</Tag>;
  if (grant.valid_from > now) return <Tag>{say("authorities.not-yet")}</Tag>;
  if (grant.valid_to <= now) return <Tag>{say("authorities.over")}</Tag>;
  return <Tag tone="bad">{say("authorities.not-in-force")}</Tag>;
}
