/** What an instance knows: its data as this reader may see them; what is shut says why. */
import { Empty, type Fact, Facts } from "../../design";
import { useWords } from "../../i18n";
import type { Instance } from "./queries";
import { isShut, labelOf, Shown } from "./Shown";

/** The data by name. */
export function DataTab({ instance }: { instance: Instance }) {
  const say = useWords();
  const names = Object.keys(instance.data).sort();
  if (names.length === 0) {
    return <Empty title={say("instances.data.none")}>{say("instances.data.none.next")}</Empty>;
  }
  const shut = names.filter((name) => isShut(instance.data[name])).length;
  const facts: Fact[] = names.map((name) => ({
    name: labelOf(name),
    value: <Shown value={instance.data[name]} />,
  }));
  return (
    <div className="stack">
      {shut > 0 && <p className="muted">{say("instances.data.shut", { count: shut })}</p>}
      <section className="pane data" aria-label={say("instances.tab.data")}>
        <Facts facts={facts} />
      </section>
    </div>
  );
}
