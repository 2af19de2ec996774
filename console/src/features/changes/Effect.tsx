/** Who gains and who loses what by a change of the access policy; those for whom it means the same stand together. */
import { useQuery } from "@tanstack/react-query";
import { QueryView } from "../../design";
import { useWords } from "../../i18n";
import { type CallName, useCalled } from "../assurance/called";
import { Opened } from "./parts";
import { type ActIn, type Change, effectQuery, type Gain } from "./reading";
import "../assurance/assurance.css";

const WHOLE = "organisation";

export interface EffectProps {
  change: Change;
}

/** The groups, or that nothing changes for anybody. */
export default function Effect({ change }: EffectProps) {
  const say = useWords();
  const query = useQuery(effectQuery(change.id));
  return (
    <QueryView query={query} lines={6}>
      {(read) =>
        read.shut !== null ? (
          <Opened text={read.shut} />
        ) : read.groups === null ? (
          <p className="muted">{say("changes.checks.not-run")}</p>
        ) : (
          <div className="stack">
            <p className="muted">{say(change.open ? "changes.effect.now" : "changes.effect.then")}</p>
            <Groups groups={read.groups} />
            {read.left_out > 0 && <p>{say("changes.effect.left-out", { count: read.left_out })}</p>}
          </div>
        )
      }
    </QueryView>
  );
}

function Groups({ groups }: { groups: readonly Gain[] }) {
  const say = useWords();
  const called = useCalled(groups.flatMap((group) => group.actors));
  if (groups.length === 0) return <p>{say("changes.effect.none")}</p>;
  return (
    <ul className="reviews">
      {groups.map((group) => (
        <Group key={group.actors.join(" ")} group={group} called={called} />
      ))}
    </ul>
  );
}

function Group({ group, called }: { group: Gain; called: CallName }) {
  const say = useWords();
  const names = group.actors.map(called).sort((one, other) => one.localeCompare(other));
  return (
    <li>
      <h3>{names.join(", ")}</h3>
      {group.gained.length > 0 && <Acts title={say("changes.effect.gained")} acts={group.gained} />}
      {group.lost.length > 0 && <Acts title={say("changes.effect.lost")} acts={group.lost} />}
    </li>
  );
}

function Acts({ title, acts }: { title: string; acts: readonly ActIn[] }) {
  const say = useWords();
  return (
    <div>
      <p className="small muted">{title}</p>
      <ul className="bare-list">
        {acts.map((act) => (
          <li key={`${act.object} ${act.action}`}>
            <strong>{act.object}</strong>: {act.action}{" "}
            <span className="muted">
              {act.domains.includes(WHOLE)
                ? say("changes.effect.everywhere")
                : say("access.in", { domain: act.domains.join(", ") })}
            </span>
          </li>
        ))}
      </ul>
    </div>
  );
}
