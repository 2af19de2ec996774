/** What changed: words inserted and deleted, and fields before and after. */
import type { ReactNode } from "react";
import { useWords } from "../../i18n";
import { visible } from "../visible";
import { type Part, wordDiff } from "../word_diff";
import "./diff.css";

/** One text with what went struck through and what came underlined. */
export function WordsDiff({ before, after }: { before: string; after: string }) {
  return <p className="words-diff">{marked(wordDiff(visible(before), visible(after)))}</p>;
}

export interface FieldChange {
  readonly field: string;
  /** In words; null where there is nothing on that side. */
  readonly before: string | null;
  readonly after: string | null;
}

export interface FieldDiffProps {
  /** What the sides are: `v3` and `v4`. */
  beforeTitle: string;
  afterTitle: string;
  changes: readonly FieldChange[];
}

/** Fields with both sides beside each other; below each other on a narrow page. */
export function FieldDiff({ beforeTitle, afterTitle, changes }: FieldDiffProps) {
  const say = useWords();
  return (
    <dl className="field-diff">
      <div className="field-diff-head" aria-hidden="true">
        <span>{say("diff.field")}</span>
        <span>{beforeTitle}</span>
        <span>{afterTitle}</span>
      </div>
      {changes.map((change) => (
        <div key={change.field}>
          <dt>{change.field}</dt>
          <Side title={beforeTitle} text={change.before} other={change.after} kind="removed" />
          <Side title={afterTitle} text={change.after} other={change.before} kind="added" />
        </div>
      ))}
    </dl>
  );
}

interface SideProps {
  title: string;
  text: string | null;
  other: string | null;
  kind: "removed" | "added";
}

/** One side of a changed field: its title for those who do not see columns, and its words with the changed ones marked. */
function Side({ title, text, other, kind }: SideProps) {
  const say = useWords();
  if (text === null) {
    return (
      <dd>
        <span className="side-title">{title}</span>
        <span className="muted">{say("diff.nothing")}</span>
      </dd>
    );
  }
  const [own, far] = [visible(text), visible(other ?? "")];
  const parts = kind === "removed" ? wordDiff(own, far) : wordDiff(far, own);
  return (
    <dd>
      <span className="side-title">{title}</span>
      <span>{marked(parts.filter((each) => each.kind === "same" || each.kind === kind))}</span>
    </dd>
  );
}

/** The parts, the changed ones marked; spaces around a change stay plain, so that marks hug their words. */
function marked(parts: readonly Part[]): ReactNode[] {
  let start = 0;
  return parts.map((each) => {
    const key = `${each.kind}${start}`;
    start += each.text.length;
    if (each.kind === "same") return <span key={key}>{each.text}</span>;
    const Mark = each.kind === "removed" ? "del" : "ins";
    const words = each.text.trim();
    const [before, after] = each.text.split(words === "" ? each.text : words, 2);
    return (
      <span key={key}>
        {before}
        {words !== "" && <Mark>{words}</Mark>}
        {after}
      </span>
    );
  });
}
