/** Starts by the clock: when each blueprint begins next and why then, and what becomes of what was missed. */
import { useInfiniteQuery } from "@tanstack/react-query";
import { Link } from "react-router";
import { Empty, Facts, PagedView, ServerWords, Tag, Time, visible } from "../../design";
import { type MessageKey, useFormats, useWords } from "../../i18n";
import { Page } from "../../shell/Page";
import { AsOf } from "../instances/Paging";
import { dayOf, type Schedule, schedulesQuery, weekdays } from "./queries";
import "../assurance/assurance.css";
import "./services.css";

/** The screen. */
export function Component() {
  const say = useWords();
  const list = useInfiniteQuery({ ...schedulesQuery, refetchInterval: LOOK_AGAIN });
  const asOf = list.data?.pages[0]?.as_of;
  return (
    <Page
      title={say("schedules.title")}
      lead={
        <span className="row tight-row">
          {say("schedules.lead")} {asOf !== undefined && <AsOf at={asOf} />}
        </span>
      }
    >
      <PagedView
        query={list}
        lines={6}
        empty={<Empty title={say("schedules.empty")}>{say("schedules.empty.next")}</Empty>}
        more={say("schedules.more")}
      >
        {(schedules) => schedules.map((one) => <OneSchedule key={one.blueprint} schedule={one} />)}
      </PagedView>
    </Page>
  );
}

const LOOK_AGAIN = 60_000; // ms: the next occurrence passes by itself

const STATES = {
  set: { tone: "good", icon: "clock" },
  held: { tone: "bad", icon: "warning" },
  new: { tone: "neutral", icon: "refresh" },
} as const;

const HELD: Readonly<Record<string, MessageKey>> = {
  CALENDAR_ENDS: "schedules.held.calendar-ends",
  NO_SUCH_CALENDAR: "schedules.held.no-such-calendar",
};

function OneSchedule({ schedule }: { schedule: Schedule }) {
  const say = useWords();
  const when = useWhen();
  const { tone, icon } = STATES[schedule.state];
  const held = HELD[schedule.reason];
  return (
    <section className="pane stack" aria-label={visible(schedule.title)}>
      <div className="row apart">
        <h2>
          <Link to={`/blueprints/${encodeURIComponent(schedule.blueprint)}`}>{visible(schedule.title)}</Link>
        </h2>
        <Tag tone={tone} icon={icon}>
          {say(`schedules.${schedule.state}`)}
        </Tag>
      </div>
      {schedule.state === "held" && (
        <p>{held === undefined ? <span className="mono">{schedule.reason}</span> : say(held)}</p>
      )}
      <Facts
        facts={[
          { name: say("schedules.when"), value: when(schedule) },
          { name: say("schedules.next"), value: <Occurrences schedule={schedule} /> },
          { name: say("schedules.catch-up"), value: say(`schedules.catch-up.${schedule.catch_up}`) },
          {
            name: say("schedules.decided"),
            value:
              schedule.decided_to === null ? (
                say("schedules.decided.none")
              ) : (
                <Time at={schedule.decided_to} />
              ),
          },
        ]}
      />
    </section>
  );
}

/** The next one, with why it is then; those after it folded. */
function Occurrences({ schedule }: { schedule: Schedule }) {
  const say = useWords();
  const [next, ...following] = schedule.next_occurrences;
  if (next === undefined) return <span className="muted">{say("schedules.next.none")}</span>;
  return (
    <div className="stack tight">
      <strong>
        <Time at={next.at} />
      </strong>
      <ServerWords text={next.words} wording={next.wording} className="small muted inline" />
      {following.length > 0 && (
        <details>
          <summary>{say("schedules.following", { count: following.length })}</summary>
          <ol className="occurrences">
            {following.map((one) => (
              <li key={one.at} className="stack tight">
                <Time at={one.at} relative={false} />
                <ServerWords text={one.words} wording={one.wording} className="small muted inline" />
              </li>
            ))}
          </ol>
        </details>
      )}
    </div>
  );
}

const EVERY: Readonly<Record<string, MessageKey>> = {
  day: "schedules.every.day",
  "business day": "schedules.every.business-day",
  month: "schedules.every.month",
};

/** Puts a schedule into words: on which days, at which times, by whose clock. */
function useWhen(): (schedule: Schedule) => string {
  const say = useWords();
  const { locale } = useFormats();
  return (schedule) => {
    const [first = ""] = schedule.every;
    const named = EVERY[first];
    const list = new Intl.ListFormat(locale, { type: "conjunction" });
    const day = dayOf(schedule.on);
    const words = [
      named === undefined
        ? say("schedules.every.days", { days: list.format(weekdays(schedule.every, locale)) })
        : say(named),
      ...(day === null ? [] : [say(`schedules.on.${day.form}`, { number: day.number })]),
      say("schedules.when.at", { times: list.format(schedule.times) }),
    ].join(" ");
    const zone =
      schedule.calendar === ""
        ? schedule.zone
        : say("schedules.zone", { zone: schedule.zone, calendar: schedule.calendar });
    return `${words} (${zone})`;
  };
}
