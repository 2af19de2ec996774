/** How far a record is proven: one of four words, none of which claims more than was checked. */
import { type MessageKey, useWords } from "../../i18n";
import type { IconName } from "./Icon";
import { Tag, type Tone } from "./Tag";

/**
 * `proven`: checked in this browser up to a signed checkpoint. `recorded`: the server has it, no checkpoint covers it
 * yet. `unchecked`: covered, but not checked here. `failed`: a check ran and did not hold.
 */
export type ProofState = "proven" | "recorded" | "unchecked" | "failed";

const STATES: Readonly<Record<ProofState, { tone: Tone; icon: IconName; words: MessageKey }>> = {
  proven: { tone: "good", icon: "proven", words: "proof.proven" },
  recorded: { tone: "soon", icon: "clock", words: "proof.recorded" },
  unchecked: { tone: "neutral", icon: "unchecked", words: "proof.unchecked" },
  failed: { tone: "bad", icon: "failed", words: "proof.failed" },
};

/** The badge, always with icon and words; `detail` adds which check failed or which checkpoint covers it. */
export function ProofBadge({ state, detail }: { state: ProofState; detail?: string | undefined }) {
  const say = useWords();
  const { tone, icon, words } = STATES[state];
  return (
    <Tag tone={tone} icon={icon}>
      {detail ? say("proof.detail", { state: say(words), detail }) : say(words)}
    </Tag>
  );
}
