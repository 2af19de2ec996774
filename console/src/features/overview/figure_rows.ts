/** Figures as a file. */
import type { Figures } from "./queries";

/** The figures as rows of a file: group, blueprint, what, count. */
export function rowsOf(figures: Figures): (string | number)[][] {
  const { waiting } = figures;
  const rate = (value: string | null) => value ?? "";
  return [
    ["group", "blueprint", "what", "value"],
    ["instances", "", "active", figures.active],
    ["instances", "", "started", figures.started],
    ["instances", "", "completed", figures.completed],
    ["instances", "", "cancelled", figures.cancelled],
    ["instances", "", "completion_rate", rate(figures.completion_rate)],
    ["tasks", "", "with_deadline", figures.tasks_with_deadline],
    ["tasks", "", "late", figures.tasks_late],
    ["tasks", "", "deadline_breach_rate", rate(figures.deadline_breach_rate)],
    ...Object.entries(figures.age_seconds).map(([name, value]) => ["age_seconds", "", name, value ?? ""]),
    ...(waiting.steps ?? []).map((one) => ["at_step", one.blueprint, one.step, one.count]),
    ...(waiting.steps ?? []).map((one) => ["overdue_at_step", one.blueprint, one.step, one.overdue]),
    ...waiting.tasks.map((one) => ["open_tasks", one.blueprint, one.step, one.count]),
    ...waiting.jobs.map((one) => ["jobs", one.blueprint, one.type, one.count]),
    ...waiting.calls.map((one) => ["calls", one.blueprint, one.operation, one.count]),
    ...waiting.messages.map((one) => ["messages", one.blueprint, one.message, one.count]),
    ...figures.incidents.map((one) => ["incidents", one.blueprint, `${one.code} ${one.step}`, one.count]),
  ];
}
