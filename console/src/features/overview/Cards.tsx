/** The figures of the period: what each means is said beside it, and each leads to what it counts. */
import type { ReactNode } from "react";
import { Definition } from "../../design";
import { type MessageKey, useFormats, useWords } from "../../i18n";
import { CountLink } from "./CountLink";
import type { Figures } from "./queries";

interface Card {
  readonly id: "active" | "started" | "completed" | "cancelled" | "with-deadline" | "late" | "incidents";
  readonly count: number;
  readonly href: string;
  readonly more?: ReactNode;
  readonly isBad?: boolean;
}

/** The cards in a row that wraps. */
export function Cards({ figures }: { figures: Figures }) {
  const say = useWords();
  const formats = useFormats();
  const { links } = figures;
  const percent = (rate: string | null, key: MessageKey) =>
    rate === null ? undefined : say(key, { rate: formats.percent(Number(rate)) });
  const age = figures.age_seconds.p50;
  const incidents = figures.incidents.reduce((sum, one) => sum + one.count, 0);
  const cards: Card[] = [
    {
      id: "active",
      count: figures.active,
      href: links.active,
      more: age === null ? undefined : say("overview.age", { span: formats.span(age) }),
    },
    { id: "started", count: figures.started, href: links.started },
    {
      id: "completed",
      count: figures.completed,
      href: links.completed,
      more: percent(figures.completion_rate, "overview.completion"),
    },
    { id: "cancelled", count: figures.cancelled, href: links.cancelled },
    { id: "with-deadline", count: figures.tasks_with_deadline, href: links.tasks_with_deadline },
    {
      id: "late",
      count: figures.tasks_late,
      href: links.tasks_late,
      more: percent(figures.deadline_breach_rate, "overview.breach"),
      isBad: figures.tasks_late > 0,
    },
    { id: "incidents", count: incidents, href: incidentsPlace(figures), isBad: incidents > 0 },
  ];
  return (
    <ul className="cards" aria-label={say("overview.figures")}>
      {cards.map((card) => (
        <li key={card.id} className={card.isBad ? "card bad" : "card"}>
          <div className="row apart">
            <span className="card-name">{say(`overview.card.${card.id}`)}</span>
            <Definition
              label={say("overview.means", { name: say(`overview.card.${card.id}`) })}
              text={say(`overview.card.${card.id}.means`)}
            />
          </div>
          <CountLink
            className="card-count"
            href={card.href}
            count={card.count}
            name={say(`overview.card.${card.id}`)}
          />
          <span className="small muted">{card.more ?? "\u00A0"}</span>
        </li>
      ))}
    </ul>
  );
}

/** The list of the incidents that are counted: those of the blueprint and the domain the first of them names. */
function incidentsPlace(figures: Figures): string {
  const query = new URLSearchParams(figures.links.active.split("?")[1]);
  query.delete("status");
  return `/v1/incidents?${query}`;
}
