/** Two versions of a blueprint compared: one drawing of both, the differences in words, and field by field. */
import { FieldDiff, ServerWords, useTold } from "../../design";
import { Diagram, type DiagramLayout } from "../../diagram";
import { useWords } from "../../i18n";
import { changesOf, type Marked } from "./marked";
import { MarkTag, useMarkedTitle } from "./parts";
import type { Drawn, FieldRow } from "./reading";
import "./changes.css";

export interface ComparedProps {
  layout: DiagramLayout;
  marked: readonly Marked[];
  rows: readonly FieldRow[];
  /** What the sides are: `v3` and `v4`. */
  titles: { readonly before: string; readonly after: string };
  selected: string | null;
  onSelect: (node: string) => void;
}

/** The drawing: what went stays where it was, dashed. */
export function ComparedDiagram({
  layout,
  selected,
  onSelect,
}: Pick<ComparedProps, "layout" | "selected" | "onSelect">) {
  const say = useWords();
  return (
    <div className="stack tight">
      <p className="legend">{say("changes.legend")}</p>
      <Diagram layout={layout} selected={selected} onSelect={onSelect} />
    </div>
  );
}

/** Every difference as a sentence. */
export function ComparedWords({ words, wordings }: Pick<Drawn, "words" | "wordings">) {
  const say = useWords();
  if (words.length === 0) return <p className="muted">{say("changes.words.none")}</p>;
  return (
    <ul className="difference-words">
      {words.map((line, place) => (
        <li key={line}>
          <ServerWords text={line} wording={wordings[place]} />
        </li>
      ))}
    </ul>
  );
}

/** Every field that differs, step by step. */
export function ComparedFields({ marked, rows, titles }: Pick<ComparedProps, "marked" | "rows" | "titles">) {
  const say = useWords();
  const titleOf = useMarkedTitle();
  const told = useTold();
  if (rows.length === 0) return <p className="muted">{say("changes.fields.none")}</p>;
  return (
    <div className="stack">
      {marked.map((one) => {
        const own = rows.filter((row) => row.step === one.step);
        return own.length === 0 ? null : (
          <section key={one.node} className="stack tight" aria-label={titleOf(one)}>
            <h3 className="row">
              {titleOf(one)}
              <MarkTag what={one.what} />
            </h3>
            <FieldDiff beforeTitle={titles.before} afterTitle={titles.after} changes={changesOf(own, told)} />
          </section>
        );
      })}
    </div>
  );
}

/** What changes at the step that is looked at. */
export function StepChange({
  marked,
  rows,
  titles,
}: {
  marked: Marked;
  rows: readonly FieldRow[];
  titles: ComparedProps["titles"];
}) {
  const say = useWords();
  const titleOf = useMarkedTitle();
  const told = useTold();
  const own = rows.filter((row) => row.step === marked.step);
  return (
    <section className="pane stack tight step-change" aria-live="polite" aria-label={say("changes.step")}>
      <h2 className="row">
        {titleOf(marked)}
        <MarkTag what={marked.what} />
      </h2>
      {own.length === 0 ? (
        <p className="muted">{say("changes.step.all-new")}</p>
      ) : (
        <FieldDiff beforeTitle={titles.before} afterTitle={titles.after} changes={changesOf(own, told)} />
      )}
    </section>
  );
}
