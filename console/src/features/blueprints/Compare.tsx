/** Any two versions of a blueprint compared, as a review compares a change with its base. */
import { useQuery } from "@tanstack/react-query";
import { useState } from "react";
import { Button, QueryView, SelectField, Tabs } from "../../design";
import { useWords } from "../../i18n";
import { ComparedDiagram, ComparedFields, ComparedWords, StepChange } from "../changes/Compared";
import { countsOf, markedSteps } from "../changes/marked";
import { Counts } from "../changes/parts";
import type { OnCompare } from "./History";
import { comparisonQuery, type VersionListed } from "./reading";

interface CompareProps {
  id: string;
  versions: readonly VersionListed[];
  pair: readonly [base: string | null, n: string | null];
  onCompare: OnCompare;
}

/** The choice of two, and what came of it. */
export function Compare({ id, versions, pair: [base, n], onCompare }: CompareProps) {
  const say = useWords();
  const options = versions.map((row) => ({
    id: String(row.version),
    label: say("blueprints.version", { version: row.version }),
    detail: row.title,
  }));
  return (
    <section className="stack" aria-labelledby="compare">
      <h2 id="compare">{say("blueprints.compare.title")}</h2>
      <div className="filters no-print">
        <SelectField
          label={say("blueprints.compare.base")}
          value={base}
          options={options}
          onChange={(to) => onCompare(to, n)}
        />
        <SelectField
          label={say("blueprints.compare.with")}
          value={n}
          options={options}
          onChange={(to) => onCompare(base, to)}
        />
        {(base !== null || n !== null) && (
          <Button kind="plain" onPress={() => onCompare(null, null)}>
            {say("blueprints.compare.clear")}
          </Button>
        )}
      </div>
      {base !== null && n !== null && <Comparison id={id} n={n} base={base} />}
    </section>
  );
}

/** What the one has against the other, in three views. */
function Comparison({ id, n, base }: { id: string; n: string; base: string }) {
  const say = useWords();
  const found = useQuery(comparisonQuery(id, n, base));
  const [selected, setSelected] = useState<string | null>(null);
  const titles = { before: `v${base}`, after: `v${n}` };
  return (
    <QueryView query={found} lines={8}>
      {(read) => {
        const marked = markedSteps(read.diagram, read.fields);
        const step = marked.find((one) => one.node === selected);
        return (
          <div className="stack">
            <div className="row">
              {marked.length === 0 ? say("blueprints.compare.same") : <Counts counts={countsOf(marked)} />}
            </div>
            <Tabs
              label={say("blueprints.compare.title")}
              tabs={[
                {
                  id: "diagram",
                  title: say("changes.tab.diagram"),
                  content: (
                    <div className={step === undefined ? "stack" : "split"}>
                      <ComparedDiagram layout={read.diagram} selected={selected} onSelect={setSelected} />
                      {step !== undefined && <StepChange marked={step} rows={read.fields} titles={titles} />}
                    </div>
                  ),
                },
                {
                  id: "words",
                  title: say("changes.tab.words"),
                  count: read.words.length,
                  content: <ComparedWords words={read.words} wordings={read.wordings} />,
                },
                {
                  id: "fields",
                  title: say("changes.tab.fields"),
                  count: read.fields.length,
                  content: <ComparedFields marked={marked} rows={read.fields} titles={titles} />,
                },
              ]}
            />
          </div>
        );
      }}
    </QueryView>
  );
}
