/** Who has approved, whose approval an edit made stale, who may review and why, and what stands against it. */
import { Tag, Time } from "../../design";
import { useWords } from "../../i18n";
import { type Change, nameOf, type Review, type Standing } from "./reading";

type Reviewer = Standing["reviewers"][number];

/** The pane. */
export function Approvals({ change, standing }: { change: Change; standing: Standing }) {
  const say = useWords();
  const isReleasable = change.status === "approved" || change.status === "scheduled";
  return (
    <section className="pane stack tight" aria-labelledby="approvals">
      <h2 id="approvals">
        {say("changes.approvals", { given: change.approvals, needed: change.approvals_needed })}
      </h2>
      <p className="small muted">
        {say(change.open ? `changes.approvals.${change.risk}` : "changes.approvals.closed")}
      </p>
      <ul className="approvers">
        {standing.reviewers.map((one) => (
          <Approver key={one.person} reviewer={one} change={change} standing={standing} />
        ))}
        {!change.open &&
          change.reviews.map((review) => (
            <li key={review.number}>
              <span className="row apart">
                <strong>{nameOf(standing.people, review.person)}</strong>
                <GivenTag review={review} standing={standing} />
              </span>
              <span className="small muted">
                <Time at={review.recorded_at} relative={false} />
              </span>
            </li>
          ))}
      </ul>
      {change.open && standing.reviewers.length === 0 && (
        <p className="muted">{say("changes.approvals.nobody")}</p>
      )}
      {isReleasable && (
        <p className="small">
          {standing.releasers.length === 0
            ? say("changes.release.nobody")
            : say("changes.release.who", {
                who: standing.releasers.map((one) => nameOf(standing.people, one.person)).join(", "),
              })}
        </p>
      )}
    </section>
  );
}

/** One person who may review: by which role, and what they said or what bars them. */
function Approver({
  reviewer,
  change,
  standing,
}: {
  reviewer: Reviewer;
  change: Change;
  standing: Standing;
}) {
  const say = useWords();
  const own = change.reviews.filter((review) => review.person === reviewer.person).at(-1);
  const roles = reviewer.roles.map((role) => role.title).join(", ");
  return (
    <li>
      <span className="row apart">
        <strong>{nameOf(standing.people, reviewer.person)}</strong>
        {own !== undefined ? (
          <GivenTag review={own} standing={standing} />
        ) : (
          <span className="small muted">
            {reviewer.barred?.reason === "OWN_CHANGE"
              ? say("changes.approvals.author")
              : say(reviewer.may_approve ? "changes.approvals.may" : "changes.approvals.may-ask")}
          </span>
        )}
      </span>
      <span className="small muted">{roles}</span>
      {own !== undefined && (
        <span className="small muted">
          <Time at={own.recorded_at} relative={false} />
        </span>
      )}
    </li>
  );
}

/** What a review was, and what has become of it since. */
export function GivenTag({ review, standing }: { review: Review; standing: Standing }) {
  const say = useWords();
  if (review.verdict === "refuse") return <Tag tone="bad">{say("changes.given.refused")}</Tag>;
  if (review.verdict === "request changes") return <Tag tone="soon">{say("changes.given.asked")}</Tag>;
  if (review.standing === "fresh") {
    return (
      <Tag tone="good" icon="check">
        {say("changes.given.approved")}
      </Tag>
    );
  }
  const stale = standing.stale.find((one) => one.review === review.number);
  return (
    <Tag tone="soon" icon="clock">
      {stale?.changed == null
        ? say("changes.given.stale")
        : say("changes.given.stale-fields", { count: stale.changed.length })}
    </Tag>
  );
}
