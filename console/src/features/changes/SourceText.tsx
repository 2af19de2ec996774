/** Source texts: one with its line numbers, and two as the lines in which they differ. */
import { visible } from "../../design";
import { useWords } from "../../i18n";
import { type DiffLine, diffLines } from "./marked";
import "./changes.css";

/** A text with a number before each line. Numbers are not selected with it. */
export function SourceText({ text, label }: { text: string; label: string }) {
  const lines = visible(text).replace(/\n$/, "").split("\n");
  return (
    <figure className="source" aria-label={label}>
      {lines.map((line, place) => {
        const number = place + 1;
        return (
          <div key={number} className="source-line">
            <span className="number" aria-hidden="true">
              {number}
            </span>
            <code>{line === "" ? "\n" : line}</code>
          </div>
        );
      })}
    </figure>
  );
}

/** A unified difference: both numbers, what went struck through, what came marked. */
export function SourceDiff({ unified, label }: { unified: string; label: string }) {
  const say = useWords();
  const lines = diffLines(visible(unified));
  if (lines.length === 0) return <p className="muted">{say("changes.source.same")}</p>;
  return (
    <figure className="source" aria-label={label}>
      {lines.map((line, place) => {
        const key = `${String(place)} ${line.kind}`;
        return line.kind === "gap" ? (
          <div key={key} className="source-gap" aria-hidden="true">
            {GAP}
          </div>
        ) : (
          <Line key={key} line={line} />
        );
      })}
    </figure>
  );
}

const GAP = "\u22ef";
const SIGNS = { same: "", added: "+", removed: "\u2212", gap: "" } as const;

function Line({ line }: { line: DiffLine }) {
  const text = line.text.trimStart();
  const indent = line.text.slice(0, line.text.length - text.length);
  return (
    <div className={`source-line two ${line.kind}`}>
      <span className="number" aria-hidden="true">
        {line.before}
      </span>
      <span className="number" aria-hidden="true">
        {line.after}
      </span>
      <span className="sign" aria-hidden="true">
        {SIGNS[line.kind]}
      </span>
      <code>
        {indent}
        {line.kind === "added" ? <ins>{text}</ins> : line.kind === "removed" ? <del>{text}</del> : text}
        {line.text === "" && "\n"}
      </code>
    </div>
  );
}
