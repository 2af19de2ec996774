/** A blueprint in plain words: what it is for, how it starts, and a numbered sentence or two for each step. */
import { visible } from "../design/visible";
import { useWords } from "../i18n";
import "./words.css";

export interface WordsProps {
  /** `words` of a version as the server answers it: purpose, start, then one text for each step. */
  words: readonly string[];
  /** The number of the selected step, from 1, as the texts refer to each other. */
  selected?: number | null | undefined;
  /** Told the number of a step that is pressed; without it the texts are only read. */
  onSelect?: ((step: number) => void) | undefined;
}

/** The sentences. */
export function Words({ words, selected = null, onSelect }: WordsProps) {
  const say = useWords();
  const [purpose, start, ...steps] = words.map(visible);
  return (
    <div className="words">
      {purpose && (
        <p className="words-purpose" lang="en">
          {purpose}
        </p>
      )}
      {start && <p lang="en">{start}</p>}
      <ol aria-label={say("words.steps")}>
        {steps.map((text, place) => {
          const number = place + 1;
          const isSelected = number === selected;
          return (
            <li key={`${String(number)} ${text}`} lang="en" className={isSelected ? "current" : undefined}>
              {onSelect ? (
                <button type="button" aria-pressed={isSelected} onClick={() => onSelect(number)}>
                  {text}
                </button>
              ) : (
                text
              )}
            </li>
          );
        })}
      </ol>
    </div>
  );
}
