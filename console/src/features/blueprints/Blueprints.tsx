/** Blueprints: what is in force, who owns it, what runs by it, and what is about to change. */
import { useInfiniteQuery } from "@tanstack/react-query";
import { Link } from "react-aria-components";
import { useLive } from "../../api/live";
import { useMay } from "../../api/session";
import { ButtonLink, Empty, PagedView, Table, Tag, Time, visible } from "../../design";
import { useFormats, useWords } from "../../i18n";
import { Page } from "../../shell/Page";
import { type BlueprintListed, blueprintsQuery } from "./reading";

/** The screen. */
export function Component() {
  const say = useWords();
  const may = useMay();
  const found = useInfiniteQuery(blueprintsQuery);
  useLive("inbox", [["blueprints"]]);
  const propose = may("change-request:propose") && (
    <ButtonLink icon="add" href="/changes/new">
      {say("blueprints.propose-new")}
    </ButtonLink>
  );
  return (
    <Page title={say("blueprints.title")} lead={say("blueprints.lead")} actions={propose}>
      <PagedView
        query={found}
        empty={
          <Empty title={say("blueprints.empty")} action={propose}>
            {say("blueprints.empty-next")}
          </Empty>
        }
        more={say("changes.more")}
      >
        {(blueprints) => <Rows blueprints={blueprints} />}
      </PagedView>
    </Page>
  );
}

/** Where a row leads: a blueprint that has ended is shown by the version that ended it. */
function placeOf(row: BlueprintListed): string {
  const at = `/blueprints/${encodeURIComponent(row.name)}`;
  return row.retired ? `${at}/v/${row.version}` : at;
}

function Rows({ blueprints }: { blueprints: readonly BlueprintListed[] }) {
  const say = useWords();
  const may = useMay();
  const formats = useFormats();
  const zone = formats.zoneName(new Date());
  return (
    <Table
      label={say("blueprints.title")}
      rows={blueprints}
      rowKey={(row) => row.name}
      href={placeOf}
      columns={[
        {
          key: "title",
          title: say("blueprints.column.title"),
          cell: (row) => (
            <>
              {visible(row.title)}
              <span className="under mono">{row.name}</span>
            </>
          ),
        },
        {
          key: "version",
          title: say("blueprints.column.version"),
          cell: (row) =>
            row.retired ? (
              <Tag>{say("blueprints.ended")}</Tag>
            ) : (
              say("blueprints.version", { version: row.version })
            ),
        },
        { key: "owner", title: say("blueprints.column.owner"), cell: (row) => row.owner },
        {
          key: "running",
          title: say("blueprints.column.running"),
          align: "end",
          cell: (row) => (
            <Counted
              count={row.active_instances}
              href={`/instances?blueprint=${encodeURIComponent(row.name)}&status=active`}
              label={say("blueprints.running", { count: row.active_instances, title: row.title })}
            />
          ),
        },
        {
          key: "changes",
          title: say("blueprints.column.changes"),
          align: "end",
          cell: (row) =>
            may("change-request:read") ? (
              <Counted
                count={row.open_changes}
                href={`/changes?list=open&kind=blueprint&name=${encodeURIComponent(row.name)}`}
                label={say("blueprints.open-changes", { count: row.open_changes, title: row.title })}
              />
            ) : (
              formats.number(row.open_changes)
            ),
        },
        {
          key: "changed",
          title: say("blueprints.column.changed", { zone }),
          cell: (row) => <Time at={row.released_at} zone={false} />,
        },
      ]}
    />
  );
}

/** A number that opens what it counts; none leads nowhere. */
function Counted({ count, href, label }: { count: number; href: string; label: string }) {
  const formats = useFormats();
  if (count === 0) return <span className="muted">{formats.number(0)}</span>;
  return (
    <Link className="count-link" href={href} aria-label={label}>
      {formats.number(count)}
    </Link>
  );
}
