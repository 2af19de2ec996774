/** The timeline: what waits and what will happen on top, then everything on record, the newest first. */
import { useInfiniteQuery, useQuery } from "@tanstack/react-query";
import { Due, Icon, type IconName, QueryView, Tag, Time } from "../../design";
import { useFormats, useWords } from "../../i18n";
import { ShownAndMore } from "./Paging";
import { type Drawing, historyQuery, type Instance, progressQuery } from "./queries";
import { offeredTo, waitWords } from "./StepDetails";
import { TimelineEntry, TimelineFold } from "./TimelineEntry";
import { rowsOf, stepsOf } from "./timeline";
import { WhoText } from "./WhoText";
import "./timeline.css";

/** The view. */
export function TimelineTab({ instance }: { instance: Instance }) {
  const say = useWords();
  const formats = useFormats();
  const history = useInfiniteQuery(historyQuery(instance.id));
  const progress = useQuery(progressQuery(instance.id));
  const steps = stepsOf(progress.data);
  return (
    <QueryView query={history} lines={8}>
      {(data) => {
        const items = data.pages.flatMap((page) => page.items);
        return (
          <div className="stack">
            <p className="muted small">{say("timeline.zone", { zone: formats.zoneName(new Date()) })}</p>
            <ol className="timeline" aria-label={say("instances.tab.timeline")}>
              {progress.data && <Coming drawing={progress.data} instance={instance} />}
              {rowsOf(items).map((row) =>
                row.type === "entry" ? (
                  <TimelineEntry key={row.item.index} item={row.item} steps={steps} />
                ) : (
                  <TimelineFold key={row.items[0]?.index} items={row.items} steps={steps} />
                ),
              )}
            </ol>
            <ShownAndMore query={history} shown={items.length} />
          </div>
        );
      }}
    </QueryView>
  );
}

/** What is not on record yet: timers by the moment they fire, the latest on top, then work that is under way. */
function Coming({ drawing, instance }: { drawing: Drawing; instance: Instance }) {
  const say = useWords();
  const titles = stepsOf(drawing);
  const timers = instance.steps
    .flatMap((step) => step.timers.map((timer) => ({ ...timer, step: step.step, number: step.number })))
    .sort((one, other) => other.due_at - one.due_at);
  const live = drawing.steps
    .flatMap((step) => step.live.map((visit) => ({ step: step.step, visit })))
    .sort((one, other) => other.visit.since - one.visit.since);
  return (
    <>
      {timers.map((timer) => (
        <Pending
          key={`${timer.number} ${timer.name}`}
          icon="clock"
          tag={say(timer.paused_at === null ? "timeline.will-happen" : "timeline.pending")}
          at={timer.paused_at ?? timer.due_at}
        >
          <strong>
            {say(timer.paused_at === null ? `timeline.timer.${timer.name}` : "timeline.timer.paused")}
          </strong>{" "}
          <span>{titles.title(timer.step)}</span>
        </Pending>
      ))}
      {live.map(({ step, visit }) => (
        <Pending
          key={`${step} ${visit.since} ${visit.id}`}
          icon={visit.incident === null ? "person" : "warning"}
          tag={say("timeline.pending")}
          at={visit.since}
        >
          <strong>{titles.title(step)}</strong>{" "}
          <span>{say("timeline.waits-for", { what: waitWords(say, visit) })}</span>
          {visit.state === "claimed" && <WhoText who={visit.holder_ref} />}
          {visit.state === "offered" && <span>{offeredTo(say, visit)}</span>}
          {visit.due_at !== null && (
            <span className="row tight-row">
              {say("instances.due")} <Due at={visit.due_at} zone={false} />
            </span>
          )}
        </Pending>
      ))}
    </>
  );
}

function Pending(props: { icon: IconName; tag: string; at: number; children: React.ReactNode }) {
  return (
    <li className="moment pending">
      <span className="moment-icon">
        <Icon name={props.icon} />
      </span>
      <span className="moment-time">
        <Time at={props.at} zone={false} />
      </span>
      <div className="moment-words row tight-row">{props.children}</div>
      <span className="moment-proof">
        <Tag tone="soon" icon="clock">
          {props.tag}
        </Tag>
      </span>
    </li>
  );
}
