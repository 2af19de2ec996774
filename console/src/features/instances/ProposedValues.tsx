/** What a proposed act would change: the version, steps and values in the place of others. */
import { Facts } from "../../design";
import { useWords } from "../../i18n";
import { labelOf, Shown } from "./Shown";
import type { Proposal } from "./steering";

/** The moves as sentences, the values as pairs; nothing for an act on the whole instance. */
export function ProposedValues({ proposal }: { proposal: Proposal }) {
  const say = useWords();
  const { resolution } = proposal;
  const called = (activation: number, title: string) => title || `#${activation}`;
  return (
    <>
      {proposal.number !== null && (
        <p>{say("steering.migration", { version: proposal.version, number: proposal.number })}</p>
      )}
      {proposal.moves.map(({ activation, title, to_title }) => (
        <p key={activation}>{say("steering.move", { from: called(activation, title), to: to_title })}</p>
      ))}
      {proposal.ends.map(({ activation, title }) => (
        <p key={activation}>{say("steering.end", { from: called(activation, title) })}</p>
      ))}
      {resolution && (
        <p>
          {say(`steering.resolution.${resolution.how}`, {
            step: resolution.title || resolution.incident,
            to: resolution.to_title,
          })}
        </p>
      )}
      {proposal.values.map(({ path, value, before }) => (
        <div key={path} className="stack tight">
          <strong>{labelOf(path)}</strong>
          <Facts
            facts={[
              { name: say("steering.before"), value: <Shown value={before} /> },
              { name: say("steering.after"), value: <Shown value={value} /> },
            ]}
          />
        </div>
      ))}
    </>
  );
}
