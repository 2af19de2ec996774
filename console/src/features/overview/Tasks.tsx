/** Tasks as a figure counts them: whosever they are, open or closed. One's own wait in the inbox. */
import { useInfiniteQuery } from "@tanstack/react-query";
import { Button, Due, Empty, QueryView, Table, Tag, Time } from "../../design";
import { useFormats, useWords } from "../../i18n";
import { useFilters } from "../../shell/filters";
import { Page } from "../../shell/Page";
import { AsOf, ShownAndMore } from "../instances/Paging";
import { KeyText } from "../instances/Shown";
import { TASK_FILTERS, tasksQuery } from "./queries";
import "../instances/instances.css";

/** The screen. */
export function Component() {
  const say = useWords();
  const formats = useFormats();
  const { filters, change, clear } = useFilters("tasks", TASK_FILTERS);
  const list = useInfiniteQuery(tasksQuery(filters));
  const asOf = list.data?.pages[0]?.as_of;
  const zone = formats.zoneName(new Date());
  const isNarrowed = Object.keys(filters).some((name) => name !== "list");
  return (
    <Page title={say("overview.tasks.title")} lead={asOf !== undefined && <AsOf at={asOf} />}>
      <search className="filters-end no-print" aria-label={say("instances.filter.label")}>
        <span className="muted">
          {say(filters.list === "any" ? "overview.tasks.any" : "overview.tasks.open")}
        </span>
        {TASK_FILTERS.filter((name) => name !== "list" && filters[name] !== undefined).map((name) => (
          <Button key={name} small icon="close" onPress={() => change({ [name]: null })}>
            {say(`overview.filter.${name.replace("_", "-") as "step"}`, {
              value: name.startsWith("opened")
                ? formats.dateTime(new Date(Number(filters[name]) / 1_000))
                : String(filters[name]),
            })}
          </Button>
        ))}
      </search>
      <QueryView
        query={list}
        lines={8}
        isEmpty={(data) => data.pages.every((page) => page.items.length === 0)}
        empty={<Empty title={say("overview.tasks.empty")}>{say("overview.tasks.empty.next")}</Empty>}
        onClearFilters={isNarrowed ? clear : undefined}
      >
        {(data) => (
          <div className="stack">
            <Table
              label={say("overview.tasks.title")}
              rows={data.pages.flatMap((page) => page.items)}
              rowKey={(row) => row.id}
              href={(row) => `/instances/${row.instance}?tab=timeline`}
              columns={[
                {
                  key: "task",
                  title: say("overview.waits.task"),
                  heads: true,
                  cell: (row) => (
                    <>
                      {row.title}
                      <span className="under">
                        {say("instances.on-version", { title: row.blueprint_title, version: row.version })}
                      </span>
                    </>
                  ),
                },
                {
                  key: "key",
                  title: say("instances.column.key"),
                  cell: (row) => <KeyText value={row.business_key} />,
                },
                {
                  key: "state",
                  title: say("instances.column.status"),
                  cell: (row) => (
                    <>
                      <Tag tone={row.state === "completed" ? "good" : "neutral"}>
                        {say(`overview.state.${row.state}`)}
                      </Tag>
                      {row.outcome !== "" && <span className="under">{row.outcome}</span>}
                    </>
                  ),
                },
                {
                  key: "due",
                  title: say("instances.column.due", { zone }),
                  cell: (row) => <TaskDue due={row.due_at} closed={row.closed_at} />,
                },
                {
                  key: "opened",
                  title: say("overview.opened", { zone }),
                  cell: (row) => <Time at={row.opened_at} relative={false} zone={false} />,
                },
              ]}
            />
            <ShownAndMore query={list} shown={data.pages.reduce((sum, page) => sum + page.items.length, 0)} />
          </div>
        )}
      </QueryView>
    </Page>
  );
}

/** When it was due; of a closed task, by how much it was late, which does not grow any more. */
function TaskDue({ due, closed }: { due: number | null; closed: number | null }) {
  const say = useWords();
  const formats = useFormats();
  if (due === null) return <>–</>;
  if (closed === null) return <Due at={due} zone={false} />;
  return (
    <span className="due">
      <Time at={due} relative={false} zone={false} />
      {closed > due && (
        <Tag tone="bad" icon="warning">
          {say("overview.closed-late", { span: formats.span((closed - due) / 1_000_000) })}
        </Tag>
      )}
    </span>
  );
}
