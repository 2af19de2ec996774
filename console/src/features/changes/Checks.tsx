/** What checks find in a source: how grave, where, and the line itself. */
import { Button, ServerWords, visible } from "../../design";
import { useWords } from "../../i18n";
import { lineOf } from "./marked";
import { SeverityTag } from "./parts";
import type { Finding } from "./reading";

export interface FindingsProps {
  findings: readonly Finding[];
  /** The text they were found in, where the reader may see it. */
  source: string | null;
  /** Goes to a line, where there is a place to go to. */
  onLine?: ((line: number) => void) | undefined;
}

/** The findings; that there are none is said. */
export function Findings({ findings, source, onLine }: FindingsProps) {
  const say = useWords();
  if (findings.length === 0) return <p>{say("changes.checks.none")}</p>;
  const lines = source?.split("\n") ?? [];
  return (
    <ul className="findings">
      {findings.map((one) => {
        const line = lineOf(one.location);
        const text = line === null ? undefined : lines[line - 1];
        return (
          <li key={`${one.rule} ${one.location} ${one.message}`}>
            <span className="row">
              <SeverityTag severity={one.severity} />
              {line !== null &&
                (onLine ? (
                  <Button kind="plain" small onPress={() => onLine(line)}>
                    {say("changes.checks.line", { line })}
                  </Button>
                ) : (
                  <span className="small muted">{say("changes.checks.line", { line })}</span>
                ))}
            </span>
            <p>
              <ServerWords text={one.message} wording={one.wording} className="inline" />
            </p>
            {text !== undefined && text.trim() !== "" && (
              <span className="quoted-line">{visible(text.trim())}</span>
            )}
          </li>
        );
      })}
    </ul>
  );
}
