/** Tables. */
import { useState } from "react";
import { type ColumnOf, type Sorting, Table, Tag } from "../design";
import { Sample } from "./Sample";

interface Task {
  readonly id: string;
  readonly name: string;
  readonly about: string;
  readonly instance: string;
  readonly amount: string;
  readonly isLate: boolean;
}

const TASKS: readonly Task[] = [
  {
    id: "1",
    name: "Lending officer decision",
    about: "Applicant 918",
    instance: "LO-2026-00918",
    amount: "EUR 84,000.00",
    isLate: true,
  },
  {
    id: "2",
    name: "Review AI risk summary",
    about: "Confidence 0.71 of 0.80",
    instance: "LO-2026-00934",
    amount: "EUR 9,500.00",
    isLate: false,
  },
  {
    id: "3",
    name: "Approve change request 58",
    about: "4 steps changed",
    instance: "Loan origination v3",
    amount: "",
    isLate: false,
  },
];

const COLUMNS: readonly ColumnOf<Task>[] = [
  {
    key: "task",
    title: "Task",
    cell: (task) => (
      <>
        {task.name}
        <span className="under">{task.about}</span>
      </>
    ),
  },
  { key: "instance", title: "Instance", cell: (task) => task.instance, sortable: true },
  {
    key: "due",
    title: "Due (Lisbon)",
    sortable: true,
    cell: (task) => (task.isLate ? <Tag tone="bad">Overdue 1 h 21 min</Tag> : "24 Nov 2026, 12:00"),
  },
  { key: "amount", title: "Amount", align: "end", cell: (task) => task.amount },
];

/** Tables, with rows that lead somewhere and rows that can be ticked. */
export function Records() {
  const [sort, setSort] = useState<Sorting>({ key: "due", descending: false });
  const [ticked, setTicked] = useState<ReadonlySet<string>>(new Set(["2"]));
  const common = { columns: COLUMNS, rows: TASKS, rowKey: (task: Task) => task.id };
  return (
    <>
      <Sample title="Table with row links, sorting and a current row">
        <Table
          label="Tasks"
          {...common}
          href={(task) => `#${task.id}`}
          current="1"
          sort={sort}
          onSort={setSort}
        />
      </Sample>
      <Sample title="Table with ticks">
        <Table label="Tasks to claim" {...common} ticked={ticked} onTick={setTicked} />
      </Sample>
    </>
  );
}
