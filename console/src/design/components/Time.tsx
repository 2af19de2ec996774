/** Moments and deadlines: absolute first, the distance from now beside it. */
import { dateOf, evidenceTime, type Moment, useFormats, useWords } from "../../i18n";
import { useNow } from "../now";
import { Tag } from "./Tag";
import "./time.css";

export interface TimeProps {
  /** As in bodies: microseconds since 1970, or RFC 3339; or a Date. */
  at: Moment;
  /** Beside it how far from now; on unless said otherwise. */
  relative?: boolean | undefined;
  /** The name of the zone after it; leave out in tables whose head names the zone. */
  zone?: boolean | undefined;
  /** As evidence states it: UTC, RFC 3339, without the person's zone. */
  evidence?: boolean | undefined;
}

/** A moment in the person's zone. */
export function Time({ at, relative = true, zone = true, evidence = false }: TimeProps) {
  const formats = useFormats();
  const moment = dateOf(at);
  if (Number.isNaN(moment.getTime())) return <span>{String(at)}</span>;
  if (evidence) {
    return (
      <time className="time mono" dateTime={moment.toISOString()}>
        {evidenceTime(moment)}
      </time>
    );
  }
  return (
    <time className="time" dateTime={moment.toISOString()} title={evidenceTime(moment)}>
      <span className="time-part">
        {formats.dateTime(moment)}
        {zone && <span className="muted"> {formats.zoneName(moment)}</span>}
      </span>
      {relative && (
        <>
          {" "}
          <Relative at={moment} />
        </>
      )}
    </time>
  );
}

/** The distance from now, in words. */
function Relative({ at }: { at: Date }) {
  const formats = useFormats();
  return <span className="time-part time-relative">{formats.relative(at, useNow())}</span>;
}

/** A day that is the same everywhere, `2026-11-22`. */
export function Day({ on }: { on: string }) {
  return (
    <time className="time" dateTime={on}>
      {useFormats().day(on)}
    </time>
  );
}

export interface DueProps {
  at: Moment;
  /** The business calendar that the deadline was counted in, by its name. */
  calendar?: string | undefined;
  zone?: boolean | undefined;
  /** From how long before it counts as soon, in seconds; two hours unless said otherwise. */
  soon?: number | undefined;
}

/** A deadline: when, how long it is past or how near, and whose calendar it was counted in. */
export function Due({ at, calendar, zone = true, soon = 7200 }: DueProps) {
  const say = useWords();
  const formats = useFormats();
  const moment = dateOf(at);
  const left = (moment.getTime() - useNow().getTime()) / 1000;
  return (
    <span className="due">
      <Time at={moment} relative={left > soon} zone={zone} />
      {left < 0 && (
        <Tag tone="bad" icon="warning">
          {say("due.overdue", { span: formats.span(-left) })}
        </Tag>
      )}
      {left >= 0 && left <= soon && (
        <Tag tone="soon" icon="clock">
          {say("due.in", { span: formats.span(left) })}
        </Tag>
      )}
      {calendar && <span className="time-relative">{say("due.calendar", { calendar })}</span>}
    </span>
  );
}
