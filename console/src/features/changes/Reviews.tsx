/** Every review in the order it was given, with its reason; under a stale one, what was edited since. */
import { Empty, FieldDiff, Hash, Time } from "../../design";
import { useWords } from "../../i18n";
import { GivenTag } from "./Approvals";
import { Opened } from "./parts";
import { type Change, nameOf, type Review, type Standing } from "./reading";

/** The list. */
export function Reviews({ change, standing }: { change: Change; standing: Standing }) {
  const say = useWords();
  if (change.reviews.length === 0) {
    return <Empty title={say("changes.reviews.empty")}>{say("changes.reviews.empty-next")}</Empty>;
  }
  return (
    <ol className="reviews">
      {change.reviews.map((review) => (
        <OneReview key={review.number} review={review} change={change} standing={standing} />
      ))}
    </ol>
  );
}

function OneReview({ review, change, standing }: { review: Review; change: Change; standing: Standing }) {
  const say = useWords();
  const stale = standing.stale.find((one) => one.review === review.number);
  const reason = typeof review.reason === "string" && review.reason === "" ? null : review.reason;
  return (
    <li>
      <span className="row">
        <strong>{nameOf(standing.people, review.person)}</strong>
        <GivenTag review={review} standing={standing} />
        <Time at={review.recorded_at} />
      </span>
      {reason !== null && (
        <p>
          <Opened text={reason} />
        </p>
      )}
      <span className="row small muted">
        {say("changes.reviews.edit", { edit: review.edit, newest: change.edit })}
        <Hash value={review.digest} label={say("changes.digest")} />
      </span>
      {stale !== undefined && stale.changed !== null && (
        <details>
          <summary>{say("changes.reviews.since", { count: stale.changed.length })}</summary>
          <FieldDiff
            beforeTitle={say("changes.reviews.signed")}
            afterTitle={say("changes.reviews.now")}
            changes={stale.changed.map((one) => ({
              field: one.path,
              before: leafText(one.before),
              after: leafText(one.after),
            }))}
          />
        </details>
      )}
    </li>
  );
}

/** A leaf of a value as text; null where there is none. */
export function leafText(value: unknown): string | null {
  if (value === null || value === undefined) return null;
  return typeof value === "string" ? value : JSON.stringify(value);
}
