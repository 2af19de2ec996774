/** A decision that several persons take: how many votes it needs, and those that were cast. */
import { Icon, Tag, Time } from "../../design";
import { useWords } from "../../i18n";
import type { Task } from "./tasks";
import { label } from "./value_text";

/** The votes as the record has them: of each outcome how many, and who cast which. */
export function Voting({ voting }: { voting: NonNullable<Task["voting"]> }) {
  const say = useWords();
  const { votes, need, committee, veto } = voting;
  const outcomes = [...new Set(votes.map((vote) => vote.outcome))];
  return (
    <section className="stack tight" aria-labelledby="voting-title">
      <h3 id="voting-title">{say("task.voting")}</h3>
      <p>
        {committee !== "" && <strong>{label(committee)}: </strong>}
        {say("task.voting.need", { need })} {veto !== "" && say("task.voting.veto")}
      </p>
      {outcomes.map((outcome) => (
        <p key={outcome} className="row small">
          <Tag icon="person">
            {say("task.voting.count", {
              count: votes.filter((vote) => vote.outcome === outcome).length,
              need,
              outcome: label(outcome),
            })}
          </Tag>
        </p>
      ))}
      <ul className="stack tight">
        {votes.map((vote) => (
          <li key={vote.id} className="row small">
            <Icon name="signature" />
            <span>
              {say("task.voting.cast", {
                who: vote.by_name,
                outcome: label(vote.outcome),
                chair: vote.in_chair ? "yes" : "no",
              })}
            </span>
            <Time at={vote.voted_at} />
          </li>
        ))}
      </ul>
    </section>
  );
}
