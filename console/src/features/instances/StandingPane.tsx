/** The pane that tells what became of an act on many: counted, and each by itself. */
import { useQueryClient } from "@tanstack/react-query";
import { type ReactNode, useEffect } from "react";
import { Link } from "react-router";
import { Button, ProblemState, problemOf, Tag, type Tone } from "../../design";
import { useFocusIfLost } from "../../design/focus_back";
import { useWords } from "../../i18n";
import type { Bulk } from "./bulk";
import { KeyText } from "./Shown";

export interface Counted {
  readonly state: string;
  readonly tone: Tone;
  readonly words: string;
}

/** One of them: its own page, how it stands, and why where it was turned down. */
export interface Told extends Counted {
  readonly id: string;
  readonly href: string;
  readonly businessKey: unknown;
  readonly why: ReactNode;
}

export interface StandingPaneProps {
  label: string;
  title: string;
  /** By state, those that are none left out; undefined until it is known. */
  counts: readonly Counted[] | undefined;
  /** The entry by which all of it was asked for; null where each was asked for alone. */
  entry: number | null;
  error: unknown;
  items: readonly Told[] | undefined;
  onClose: () => void;
}

/** Stands above the list until it is closed; has the focus where what was pressed is gone. */
export function StandingPane({ label, title, counts, entry, error, items, onClose }: StandingPaneProps) {
  const say = useWords();
  const heading = useFocusIfLost<HTMLHeadingElement>();
  return (
    <section className="pane stack tight" aria-label={label}>
      <div className="row apart">
        <h2 ref={heading} tabIndex={-1}>
          {title}
        </h2>
        <Button kind="plain" icon="close" iconOnly small onPress={onClose}>
          {say("dialog.close")}
        </Button>
      </div>
      <p className="row" role="status">
        {counts === undefined
          ? say("state.loading")
          : counts.map(({ state, tone, words }) => (
              <Tag key={state} tone={tone}>
                {words}
              </Tag>
            ))}
        {entry !== null && (
          <Link to={`/ledger/${entry}`}>{say("steering.bulk.entry", { index: String(entry) })}</Link>
        )}
      </p>
      {error !== null && <ProblemState problem={problemOf(error)} />}
      {items && (
        <details>
          <summary>{say("incidents.batch.each")}</summary>
          <ul className="batch">
            {items.map((one) => (
              <li key={one.id} className="row">
                <Link to={one.href}>
                  <KeyText value={one.businessKey} />
                </Link>
                <Tag tone={one.tone}>{one.words}</Tag>
                {one.why}
              </li>
            ))}
          </ul>
        </details>
      )}
    </section>
  );
}

/** Reads these lists again whenever an act on many has reached more of them. */
export function useReadAgain(bulk: Bulk | undefined, lists: string): void {
  const queries = useQueryClient();
  const reached = bulk === undefined ? 0 : bulk.total - bulk.waiting;
  useEffect(() => {
    if (reached > 0) void queries.invalidateQueries({ queryKey: [lists] });
  }, [queries, reached, lists]);
}
