/** The versions of a blueprint: who proposed, approved and released each, and any two of them compared. */
import { useInfiniteQuery, useQuery } from "@tanstack/react-query";
import { useState } from "react";
import { Link } from "react-aria-components";
import { useSearchParams } from "react-router";
import { Button, Hash, QueryView, SelectField, Table, Tabs, Time } from "../../design";
import { useFormats, useWords } from "../../i18n";
import { ComparedDiagram, ComparedFields, ComparedWords, StepChange } from "../changes/Compared";
import { countsOf, markedSteps } from "../changes/marked";
import { Counts } from "../changes/parts";
import { nameOf, type PersonNamed } from "../changes/reading";
import { comparisonQuery, type VersionListed, versionsQuery } from "./reading";

/** The history. Which two are compared stands in the address. */
export function History({ id }: { id: string }) {
  const say = useWords();
  const found = useInfiniteQuery(versionsQuery(id));
  const [search, setSearch] = useSearchParams();
  const compare = (base: string | null, n: string | null) =>
    setSearch(
      (before) => {
        for (const [name, value] of Object.entries({ base, with: n })) {
          if (value === null) before.delete(name);
          else before.set(name, value);
        }
        return before;
      },
      { replace: true },
    );
  const [base, n] = [search.get("base"), search.get("with")];
  return (
    <QueryView query={found} lines={6}>
      {(data) => {
        const versions = data.pages.flatMap((page) => page.items);
        return (
          <>
            <Versions
              id={id}
              versions={versions}
              people={data.pages.flatMap((page) => page.people)}
              onCompare={compare}
            />
            {found.hasNextPage && (
              <div className="row no-print">
                <Button busy={found.isFetchingNextPage} onPress={() => found.fetchNextPage()}>
                  {say("changes.more")}
                </Button>
              </div>
            )}
            {versions.length > 1 && (
              <Compare id={id} versions={versions} pair={[base, n]} onCompare={compare} />
            )}
          </>
        );
      }}
    </QueryView>
  );
}

type OnCompare = (base: string | null, n: string | null) => void;

interface VersionsProps {
  id: string;
  versions: readonly VersionListed[];
  people: readonly PersonNamed[];
  onCompare: OnCompare;
}

function Versions({ id, versions, people, onCompare }: VersionsProps) {
  const say = useWords();
  const formats = useFormats();
  const zone = formats.zoneName(new Date());
  const named = (who: readonly string[], at: number | undefined) => (
    <>
      {who.map((one) => nameOf(people, one)).join(", ")}
      {at !== undefined && (
        <span className="under">
          <Time at={at} zone={false} relative={false} />
        </span>
      )}
    </>
  );
  return (
    <Table
      label={say("blueprints.tab.history")}
      rows={versions}
      rowKey={(row) => String(row.version)}
      columns={[
        {
          key: "version",
          title: say("blueprints.column.version"),
          cell: (row) => (
            <>
              <Link href={`/blueprints/${id}/v/${row.version}`}>
                {say("blueprints.version", { version: row.version })}
              </Link>
              <span className="under">
                <Link href={`/changes/${row.change_request}`}>{row.title}</Link>
              </span>
            </>
          ),
        },
        {
          key: "proposed",
          title: say("blueprints.column.proposed", { zone }),
          cell: (row) => named(row.authors, row.proposed_at),
        },
        {
          key: "approved",
          title: say("blueprints.column.approved", { zone }),
          cell: (row) => named(row.approvers, row.approvals.at(-1)?.recorded_at),
        },
        {
          key: "released",
          title: say("blueprints.column.released", { zone }),
          cell: (row) => named([row.released_by], row.released_at),
        },
        {
          key: "digest",
          title: say("blueprints.column.digest"),
          cell: (row) => <Hash value={row.digest} label={say("changes.digest")} />,
        },
        {
          key: "compare",
          title: say("blueprints.compare"),
          cell: (row) =>
            row.version > 1 && (
              <Button small onPress={() => onCompare(String(row.version - 1), String(row.version))}>
                {say("blueprints.compare.before", { version: row.version - 1 })}
              </Button>
            ),
        },
      ]}
    />
  );
}

interface CompareProps {
  id: string;
  versions: readonly VersionListed[];
  pair: readonly [base: string | null, n: string | null];
  onCompare: OnCompare;
}

/** Any two versions. */
function Compare({ id, versions, pair: [base, n], onCompare }: CompareProps) {
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
                  content: <ComparedWords words={read.words} />,
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
