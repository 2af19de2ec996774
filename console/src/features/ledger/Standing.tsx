/** Where the log stands: its size, the newest checkpoints, the witnesses with their lag, and how strong that is. */
import { useQuery } from "@tanstack/react-query";
import { Link } from "react-router";
import { QueryView, Tag, Time } from "../../design";
import { useFormats, useWords } from "../../i18n";
import { Figure } from "../assurance/parts";
import { type Standing, standingQuery } from "./queries";

/** The strip above the entries. */
export function LogStanding() {
  const query = useQuery(standingQuery);
  return (
    <QueryView query={query} lines={2}>
      {(standing) => <Shown standing={standing} />}
    </QueryView>
  );
}

function Shown({ standing }: { standing: Standing }) {
  const say = useWords();
  const formats = useFormats();
  const { size, recorded_at, published } = standing;
  return (
    <dl className="log-figures">
      <Figure name={say("ledger.size")} under={<Time at={recorded_at} evidence />}>
        {say("ledger.size.entries", { count: size })}
      </Figure>
      <Figure
        name={say("ledger.published")}
        under={published ? <Time at={published.published_at} evidence /> : say("ledger.published.none-yet")}
      >
        {published
          ? say("ledger.published.size", { size: formats.number(published.size) })
          : say("ledger.published.none")}
      </Figure>
      <Figure name={say("ledger.witnesses")} under={<WitnessWords standing={standing} />}>
        <Link to="/keys#witnesses">{witnessCount(standing, say)}</Link>
      </Figure>
      <Figure name={say("ledger.strength")} under={<StrengthWords standing={standing} />}>
        <Strength standing={standing} />
      </Figure>
    </dl>
  );
}

/** How many witnesses have seen all that is published. */
function witnessCount({ items, published }: Standing, say: ReturnType<typeof useWords>): string {
  if (items.length === 0) return say("ledger.witnesses.none");
  const upToDate = items.filter((one) => one.size > 0 && one.size >= (published?.size ?? 0)).length;
  return say("ledger.witnesses.of", { count: upToDate, all: items.length });
}

/** The furthest lag; a contradiction before everything else. */
function WitnessWords({ standing: { items } }: { standing: Standing }) {
  const say = useWords();
  const formats = useFormats();
  if (items.some((one) => one.contradicts)) {
    return (
      <Tag tone="bad" icon="warning">
        {say("ledger.witnesses.contradicts")}
      </Tag>
    );
  }
  const lag = Math.max(0, ...items.map((one) => one.lag_entries));
  const seconds = Math.max(0, ...items.map((one) => one.lag_seconds));
  if (items.length === 0) return say("ledger.witnesses.none-named");
  if (lag === 0) return say("ledger.witnesses.no-lag");
  return say("ledger.witnesses.lag", { count: lag, span: formats.span(seconds) });
}

/** The strength of proofs, said aloud. */
export function Strength({ standing }: { standing: Standing }) {
  const say = useWords();
  const formats = useFormats();
  if (standing.witnessed === null) return <>{say("ledger.strength.operator")}</>;
  const size = formats.number(standing.witnessed.size);
  return <>{say("ledger.strength.witnessed", { size })}</>;
}

function StrengthWords({ standing }: { standing: Standing }) {
  const say = useWords();
  if (standing.witnessed === null) return <>{say("ledger.strength.operator-means")}</>;
  return <>{say("ledger.strength.by", { names: standing.witnessed.names.join(", ") })}</>;
}
