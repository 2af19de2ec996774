/** One entry of a timeline: what, where, who, why, what followed, what was recorded, and how far it is proven. */
import { Link } from "react-router";
import { Facts, Icon, ProofBadge, ServerWords, Tag, Time, visible } from "../../design";
import { useFormats, useWords } from "../../i18n";
import type { HistoryItem } from "./queries";
import { isShut, labelOf, Shown, ShutTag } from "./Shown";
import {
  failuresIn,
  iconOf,
  isQuiet,
  kindWords,
  recordedOf,
  type Steps,
  saidOf,
  sentencesOf,
  stepOf,
} from "./timeline";
import { WhoText } from "./WhoText";

/** The entry as an item of the list. */
export function TimelineEntry({ item, steps }: { item: HistoryItem; steps: Steps }) {
  return (
    <li className={classOf(item)}>
      <span className="moment-icon">
        <Icon name={iconOf(item)} />
      </span>
      <span className="moment-time">
        <Time at={item.recorded_at} relative={false} zone={false} />
      </span>
      <div className="moment-words stack tight">
        <Headline item={item} steps={steps} />
        <Why item={item} />
        <Since item={item} steps={steps} />
        <Followed item={item} steps={steps} />
      </div>
      <span className="moment-proof">
        <ProofBadge state="unchecked" />
        <Link to={`/ledger/${item.index}`} className="small number">
          #{item.index}
        </Link>
      </span>
    </li>
  );
}

function classOf(item: HistoryItem): string {
  if (item.refused !== null || item.followed.some((one) => one.type === "incident.raised"))
    return "moment bad";
  return isQuiet(item) ? "moment quiet" : "moment";
}

/** Several entries of machines in a row as one, which opens to all of them. */
export function TimelineFold({ items, steps }: { items: readonly HistoryItem[]; steps: Steps }) {
  const say = useWords();
  const newest = items[0];
  if (newest === undefined) return null;
  const at = [...new Set(items.map((item) => stepOf(item, steps)))].filter((title) => title !== undefined);
  return (
    <li className="moment fold">
      <span className="moment-icon">
        <Icon name="lines" />
      </span>
      <span className="moment-time">
        <Time at={newest.recorded_at} relative={false} zone={false} />
      </span>
      <details className="moment-words">
        <summary>
          {say("timeline.folded", { count: items.length, failures: failuresIn(items) })}
          {at.length > 0 && <span className="muted"> {at.reverse().join(", ")}</span>}
        </summary>
        <ol className="timeline inner">
          {items.map((item) => (
            <TimelineEntry key={item.index} item={item} steps={steps} />
          ))}
        </ol>
      </details>
    </li>
  );
}

function Headline({ item, steps }: { item: HistoryItem; steps: Steps }) {
  const say = useWords();
  const step = stepOf(item, steps);
  return (
    <p className="row tight-row">
      <strong>{kindWords(say, item)}</strong>
      {step !== undefined && <span>{step}</span>}
      <span className="muted">
        {say("instances.by")} <WhoText who={item.who} />
      </span>
      {item.actor.on_behalf_of && (
        <span className="muted">{say("timeline.on-behalf", { who: item.actor.on_behalf_of })}</span>
      )}
    </p>
  );
}

/** Why: the reason that was given and its code, the authority a decision rests on, or why a command was turned down. */
function Why({ item }: { item: HistoryItem }) {
  const say = useWords();
  return (
    <>
      {item.refused !== null && (
        <p className="row tight-row">
          <Tag tone="bad" icon="lock">
            {item.refused.reason}
          </Tag>
          <ServerWords text={item.refused.message} wording={item.refused.wording} />
        </p>
      )}
      {item.reason !== null &&
        (isShut(item.reason) ? (
          <p className="row tight-row">
            {say("instances.reason")} <ShutTag value={item.reason} />
          </p>
        ) : (
          <blockquote className="why">{item.reason}</blockquote>
        ))}
      {item.reason_code !== null && (
        <p className="row tight-row">
          {say("timeline.reason-code")} <Tag>{item.reason_code.code}</Tag>
          <span>{visible(item.reason_code.words)}</span>
        </p>
      )}
      {item.decision !== null && (
        <p className="muted small">
          {say("timeline.authority", { grant: item.decision.grant, capacity: item.decision.capacity })}
        </p>
      )}
    </>
  );
}

/** What has come over a decision or a signature: rework by which it is void, data that were corrected. */
function Since({ item, steps }: { item: HistoryItem; steps: Steps }) {
  const say = useWords();
  const formats = useFormats();
  const { since } = item;
  if (since === null) return null;
  const moment = (at: string) => formats.dateTime(new Date(at));
  if (!since.is_since_told) return <p className="muted small">{say("timeline.since.unread")}</p>;
  return (
    <>
      {since.void_since !== null && (
        <p className="row tight-row">
          <Tag tone="soon" icon="refresh">
            {say("timeline.since.void")}
          </Tag>
          <span>
            {say("timeline.since.void.means", {
              step: steps.title(since.void_since.step),
              at: moment(since.void_since.at),
            })}
          </span>
          <Link to={`/ledger/${since.void_since.entry}`} className="small number">
            #{since.void_since.entry}
          </Link>
        </p>
      )}
      {since.changed_since.map(({ path, entry, at, by }) => (
        <p key={`${entry} ${path}`} className="row tight-row">
          <Tag tone="soon" icon="warning">
            {say("timeline.since.changed")}
          </Tag>
          <span>{say("timeline.since.changed.means", { path: labelOf(path), who: by, at: moment(at) })}</span>
          <Link to={`/ledger/${entry}`} className="small number">
            #{entry}
          </Link>
        </p>
      ))}
    </>
  );
}

/** What followed in sentences; books and data behind a line that opens. */
function Followed({ item, steps }: { item: HistoryItem; steps: Steps }) {
  const say = useWords();
  const formats = useFormats();
  const moment = (at: number) => formats.dateTime(new Date(at / 1_000));
  const { told, kept } = sentencesOf(item, { say, steps, moment });
  const recorded = recordedOf(item);
  return (
    <>
      {told.length > 0 && (
        <ul className="followed">
          {told.map((sentence, place) => (
            // biome-ignore lint/suspicious/noArrayIndexKey: sentences of an entry never change, and may be alike
            <li key={place}>{sentence}</li>
          ))}
        </ul>
      )}
      {saidOf(item).map(({ text, shown }, place) => (
        // biome-ignore lint/suspicious/noArrayIndexKey: as above
        <blockquote key={place} className="why stack tight">
          <Shown value={text} />
          {shown.length > 0 && (
            <Facts
              facts={shown.map(([path, value]) => ({ name: labelOf(path), value: <Shown value={value} /> }))}
            />
          )}
        </blockquote>
      ))}
      {kept.length > 0 && (
        <details className="small">
          <summary>{say("timeline.kept", { count: kept.length, data: recorded.length })}</summary>
          <div className="stack tight">
            {recorded.length > 0 && (
              <Facts
                facts={recorded.map(({ path, value }) => ({
                  name: labelOf(path),
                  value: <Shown value={value} />,
                }))}
              />
            )}
            <ul className="followed">
              {kept.map((sentence, place) => (
                // biome-ignore lint/suspicious/noArrayIndexKey: as above
                <li key={place}>{sentence}</li>
              ))}
            </ul>
          </div>
        </details>
      )}
    </>
  );
}
