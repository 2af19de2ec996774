/** A blueprint in plain words: what it is for, how it starts, and a numbered sentence or two for each step. */
import { ServerWords } from "../design/components/states";
import { useWords } from "../i18n";
import type { Wording } from "../wordings/told";
import "./words.css";

export interface WordsProps {
  /** `words` of a version as the server answers it: purpose, start, then one text for each step. */
  words: readonly string[];
  /** What each of them is made of, for other languages; without it they are told in English. */
  wordings?: readonly Wording[] | undefined;
  /** The number of the selected step, from 1, as the texts refer to each other. */
  selected?: number | null | undefined;
  /** Told the number of a step that is pressed; without it the texts are only read. */
  onSelect?: ((step: number) => void) | undefined;
}

/** The sentences. */
export function Words({ words, wordings = [], selected = null, onSelect }: WordsProps) {
  const say = useWords();
  const [purpose, start, ...steps] = words.map((text, place) => ({ text, wording: wordings[place] }));
  return (
    <div className="words">
      {purpose && (
        <p className="words-purpose">
          <ServerWords {...purpose} />
        </p>
      )}
      {start && (
        <p>
          <ServerWords {...start} />
        </p>
      )}
      <ol aria-label={say("words.steps")}>
        {steps.map((step, place) => {
          const number = place + 1;
          const isSelected = number === selected;
          return (
            <li key={`${String(number)} ${step.text}`} className={isSelected ? "current" : undefined}>
              {onSelect ? (
                <button type="button" aria-pressed={isSelected} onClick={() => onSelect(number)}>
                  <ServerWords {...step} />
                </button>
              ) : (
                <ServerWords {...step} />
              )}
            </li>
          );
        })}
      </ol>
    </div>
  );
}
