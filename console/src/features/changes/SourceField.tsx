/** A source that is written or pasted: numbered lines, a file to take it from, and its findings at their line. */
import { useId, useRef } from "react";
import { Button, Icon } from "../../design";
import { useWords } from "../../i18n";
import { Findings } from "./Checks";
import { lineOf } from "./marked";
import type { Finding } from "./reading";
import "./changes.css";

export const SOURCE_BYTES_MAX = 40 * 1024; // as the server has it
const LINES_MIN = 16;
const LINE_HEIGHT = 20; // px, as changes.css has it

export interface SourceFieldProps {
  value: string;
  onChange: (text: string) => void;
  /** What the last check found in this very text; null where it was not checked. */
  findings: readonly Finding[] | null;
  /** Why a file was not taken, or the text cannot be. */
  error?: string | undefined;
  onFile: (file: File) => void;
}

/** The field. A finding leads to its line. */
export function SourceField({ value, onChange, findings, error, onFile }: SourceFieldProps) {
  const say = useWords();
  const area = useRef<HTMLTextAreaElement>(null);
  const frame = useRef<HTMLDivElement>(null);
  const picker = useRef<HTMLInputElement>(null);
  const id = useId();
  const lines = value.split("\n");
  const count = Math.max(lines.length, LINES_MIN);
  const found = new Set((findings ?? []).map((one) => lineOf(one.location)));
  const goTo = (line: number) => {
    const start = lines.slice(0, line - 1).reduce((sum, one) => sum + one.length + 1, 0);
    area.current?.focus({ preventScroll: true });
    area.current?.setSelectionRange(start, start + (lines[line - 1]?.length ?? 0));
    frame.current?.scrollTo({ top: Math.max(0, (line - 4) * LINE_HEIGHT) });
    frame.current?.scrollIntoView({ block: "nearest" });
  };
  return (
    <div className="stack tight">
      <div className="row apart">
        <label htmlFor={id}>
          <strong className="small">{say("field.required", { label: say("changes.write.source") })}</strong>
        </label>
        <Button small onPress={() => picker.current?.click()}>
          {say("changes.write.file")}
        </Button>
        <input
          ref={picker}
          type="file"
          accept=".yaml,.yml,.json,.txt,.dmn,.xml"
          hidden
          onChange={(event) => {
            const file = event.target.files?.[0];
            event.target.value = "";
            if (file !== undefined) onFile(file);
          }}
        />
      </div>
      <div className="source-field" ref={frame}>
        <pre className="source-numbers" aria-hidden="true">
          {Array.from({ length: count }, (_, place) => {
            const number = place + 1;
            return (
              <div key={number} className={found.has(number) ? "found" : undefined}>
                {number}
              </div>
            );
          })}
        </pre>
        <textarea
          id={id}
          ref={area}
          value={value}
          rows={count}
          wrap="off"
          spellCheck={false}
          autoCapitalize="off"
          autoCorrect="off"
          aria-invalid={error !== undefined || findings?.some((one) => one.severity === "error") === true}
          aria-describedby={`${id}-told`}
          required
          onChange={(event) => onChange(event.target.value)}
        />
      </div>
      <div id={`${id}-told`} className="stack tight" role="status">
        {error !== undefined && (
          <p className="field-error">
            <Icon name="warning" />
            <span>{error}</span>
          </p>
        )}
        {findings !== null && (
          <section className="stack tight" aria-label={say("changes.checks.title")}>
            <h3>{say("changes.checks.found", { count: findings.length })}</h3>
            <Findings findings={findings} source={value} onLine={goTo} />
          </section>
        )}
      </div>
    </div>
  );
}
