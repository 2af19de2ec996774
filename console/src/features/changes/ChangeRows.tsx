/** The rows of a list of changes. */
import { Table, Time, visible } from "../../design";
import { useFormats, useWords } from "../../i18n";
import { StatusTag, useKindWords, useVersionWords } from "./parts";
import { type ChangeListed, nameOf, type PersonNamed } from "./reading";

/** The table. */
export function Rows({
  changes,
  people,
}: {
  changes: readonly ChangeListed[];
  people: readonly PersonNamed[];
}) {
  const say = useWords();
  const formats = useFormats();
  const kindWords = useKindWords();
  const versionWords = useVersionWords();
  const zone = formats.zoneName(new Date());
  return (
    <Table
      label={say("changes.title")}
      rows={changes}
      rowKey={(change) => change.id}
      href={(change) => `/changes/${change.id}`}
      columns={[
        {
          key: "title",
          title: say("changes.column.title"),
          cell: (change) => (
            <>
              {visible(change.title)}
              <span className="under">
                {say("changes.artefact", { kind: kindWords(change.kind), name: change.name })}
              </span>
            </>
          ),
        },
        {
          key: "status",
          title: say("changes.column.status"),
          cell: (change) => <StatusTag status={change.status} />,
        },
        { key: "version", title: say("changes.column.version"), cell: versionWords },
        {
          key: "authors",
          title: say("changes.column.authors"),
          cell: (change) => change.authors.map((author) => nameOf(people, author)).join(", "),
        },
        {
          key: "changed",
          title: say("changes.column.changed", { zone }),
          cell: (change) => <Time at={change.changed_at} zone={false} />,
        },
      ]}
    />
  );
}
