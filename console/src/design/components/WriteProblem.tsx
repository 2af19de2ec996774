/** What became of something that was to be written and was not, or not clearly: beside the button that sent it. */
import { useEffect, useRef } from "react";
import { useWords } from "../../i18n";
import type { Problem } from "../problem";
import { useReasonWords } from "../reason_words";
import { Notice, ReasonLine, ServerWords } from "./states";

export interface WriteProblemProps {
  problem: Problem;
  /** False for what is no command, such as a new password: tried again it may be done, or refused, a second time. */
  isOnce?: boolean;
}

/**
 * One sentence, what to do, and the server's own words. Where no clear answer came it may be on record all the same:
 * sent again it is the same command, so whoever tries again does nothing twice.
 */
export function WriteProblem({ problem, isOnce = true }: WriteProblemProps) {
  const say = useWords();
  const words = useReasonWords()(problem.reason);
  const box = useRef<HTMLDivElement>(null);
  // biome-ignore lint/correctness/useExhaustiveDependencies: each problem is brought into sight
  useEffect(() => {
    box.current?.scrollIntoView({ block: "nearest" });
  }, [problem.reason, problem.detail]);
  const { kind, retryAfter, askFor } = problem;
  const isUnclear = kind === "offline" || kind === "failed";
  return (
    <div ref={box}>
      <Notice
        icon={kind === "offline" ? "offline" : kind === "forbidden" ? "lock" : "warning"}
        title={words?.what ?? say(TITLES[kind])}
        tone="bad"
        live="alert"
      >
        {isUnclear && <p>{say(isOnce ? "write.again" : "write.look")}</p>}
        {!isUnclear && askFor === undefined && retryAfter === undefined && words && <p>{words.act}</p>}
        {askFor !== undefined && <p>{say("state.forbidden.ask", { who: askFor })}</p>}
        {retryAfter !== undefined && <p>{say("write.wait", { seconds: retryAfter })}</p>}
        {problem.status > 0 && <ReasonLine problem={problem} />}
      </Notice>
    </div>
  );
}

/** The same in one line, for one of several: in the server's words where there are any. */
export function ProblemWords({ problem }: { problem: Problem }) {
  const say = useWords();
  if (problem.detail === "") return <span>{say(TITLES[problem.kind])}</span>;
  return <ServerWords text={problem.detail} wording={problem.wording} className="inline" />;
}

const TITLES = {
  offline: "write.no-answer",
  failed: "write.unclear",
  forbidden: "write.forbidden",
  missing: "state.missing.title",
  refused: "state.error.title",
} as const;
