/** The way through a change, from one step that changes to the next. */
import type { KeyboardEvent, ReactNode } from "react";
import { Button } from "../../design";
import { useWords } from "../../i18n";
import { isTyping } from "../../shell/typing";
import { beside, countsOf, type Marked } from "./marked";
import { Counts, useMarkedTitle } from "./parts";

interface WalkProps {
  marked: readonly Marked[];
  step: Marked | null;
  onGo: (node: string) => void;
  children: ReactNode;
}

/** Counts, and the way from one change to the next: by button, or by N and P while one is in here (WCAG 2.1.4). */
export function Walk({ marked, step, onGo, children }: WalkProps) {
  const say = useWords();
  const titleOf = useMarkedTitle();
  const go = (by: 1 | -1) => {
    const next = beside(marked, step?.node ?? null, by);
    if (next !== undefined) onGo(next.node);
  };
  const onKey = (event: KeyboardEvent) => {
    if (event.ctrlKey || event.metaKey || event.altKey || isTyping(event.target)) return;
    const key = event.key.toLowerCase();
    if (key !== "n" && key !== "p") return;
    event.preventDefault();
    event.stopPropagation();
    go(key === "n" ? 1 : -1);
  };
  return (
    <div className="stack" onKeyDownCapture={onKey}>
      {marked.length > 0 && (
        <div className="review-bar">
          <Counts counts={countsOf(marked)} />
          <span className="row review-bar-end no-print">
            <span className="small muted" role="status">
              {step === null
                ? say("changes.walk.none", { count: marked.length })
                : say("changes.walk.at", {
                    at: marked.indexOf(step) + 1,
                    count: marked.length,
                    title: titleOf(step),
                  })}
            </span>
            <Button small icon="up" onPress={() => go(-1)}>
              {say("changes.walk.before")}
            </Button>
            <Button small icon="down" onPress={() => go(1)}>
              {say("changes.walk.next")}
            </Button>
          </span>
        </div>
      )}
      {children}
    </div>
  );
}
