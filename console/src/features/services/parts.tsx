/** Small parts that the screens of agents and connectors share. */
import { useEffect, useRef } from "react";
import { useNavigationType } from "react-router";
import { Tag } from "../../design";
import { useWords } from "../../i18n";
import type { BreakerState } from "./queries";
import "../assurance/assurance.css";
import "./services.css";

const TONES = { closed: "good", open: "bad", "half-open": "soon" } as const;
const ICONS = { closed: "check", open: "stop", "half-open": "refresh" } as const;

/** Whether calls can go out now. */
export function BreakerTag({ state }: { state: BreakerState }) {
  const say = useWords();
  return (
    <Tag tone={TONES[state]} icon={ICONS[state]}>
      {say(`connectors.breaker.${state}`)}
    </Tag>
  );
}

/** Whether calls go out by a connector, or events come in. */
export function WayTag({ direction }: { direction: "in" | "out" }) {
  const say = useWords();
  return <Tag icon={direction === "in" ? "inbox" : "call"}>{say(`connectors.way.${direction}`)}</Tag>;
}

/** The heading of what a row led to: whoever came here from it by the keyboard or a reader is at it. By an address one
 * comes to the page, and nothing moves under those who read it. */
export function Opened({ name, children }: { name: string; children: React.ReactNode }) {
  const heading = useRef<HTMLHeadingElement>(null);
  const isLedTo = useNavigationType() !== "POP";
  // biome-ignore lint/correctness/useExhaustiveDependencies: another name is another opening
  useEffect(() => {
    if (isLedTo) heading.current?.focus();
  }, [name]);
  return (
    <h2 ref={heading} tabIndex={-1} className="row">
      {children}
    </h2>
  );
}

/** How often something may be asked or called. */
export function LimitWords({ atOnce, perMinute }: { atOnce: number; perMinute: number | null }) {
  const say = useWords();
  return (
    <>
      {[
        say("agents.limits.at-once", { count: atOnce }),
        ...(perMinute === null ? [] : [say("agents.limits.per-minute", { count: perMinute })]),
      ].join(", ")}
    </>
  );
}
