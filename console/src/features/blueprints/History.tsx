/** The versions of a blueprint: who proposed, approved and released each, and any two of them compared. */
import { useInfiniteQuery } from "@tanstack/react-query";
import { lazy, Suspense } from "react";
import { Link } from "react-aria-components";
import { useSearchParams } from "react-router";
import { Button, Hash, Loading, More, QueryView, Table, Time, visible } from "../../design";
import { useFormats, useWords } from "../../i18n";
import { nameOf, type PersonNamed } from "../changes/reading";
import { type VersionListed, versionsQuery } from "./reading";
import "../changes/changes.css";

/** The comparison is loaded when there is something to compare. */
const Compare = lazy(async () => ({ default: (await import("./Compare")).Compare }));

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
            <More query={found} label={say("changes.more")} />
            {versions.length > 1 && (
              <Suspense fallback={<Loading lines={2} />}>
                <Compare id={id} versions={versions} pair={[base, n]} onCompare={compare} />
              </Suspense>
            )}
          </>
        );
      }}
    </QueryView>
  );
}

export type OnCompare = (base: string | null, n: string | null) => void;

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
                <Link href={`/changes/${row.change_request}`}>{visible(row.title)}</Link>
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
