/** What a proposed act would change: steps entered in the place of others, values in the place of others. */
import { Facts } from "../../design";
import { useWords } from "../../i18n";
import { labelOf, Shown } from "./Shown";
import type { Place, Proposal } from "./steering";

/** The moves as sentences, the values as pairs; nothing for an act on the whole instance. */
export function ProposedValues({ proposal, places }: { proposal: Proposal; places: readonly Place[] }) {
  const say = useWords();
  const at = (activation: number) => places.find((one) => one.activation === activation);
  return (
    <>
      {proposal.moves.map(({ activation, to }) => {
        const place = at(activation);
        const target = place?.to.find((one) => one.step === to);
        return (
          <p key={activation}>
            {say("steering.move", { from: place?.title ?? `#${activation}`, to: target?.title ?? to })}
          </p>
        );
      })}
      {proposal.ends.map((activation) => (
        <p key={activation}>{say("steering.end", { from: at(activation)?.title ?? `#${activation}` })}</p>
      ))}
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
