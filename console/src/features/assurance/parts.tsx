/** Small parts that the screens of assurance share. */
import { Link } from "react-router";
import { Button, Icon, type IconName, ProblemState, problemOf } from "../../design";
import { useWords } from "../../i18n";
import "./assurance.css";

/** A link to an entry of the ledger, by its number. */
export function EntryLink({ index }: { index: number }) {
  return (
    <Link className="number" to={`/ledger/${index}`}>
      #{index}
    </Link>
  );
}

export interface MoreProps {
  readonly hasNextPage: boolean;
  readonly isFetchingNextPage: boolean;
  readonly fetchNextPage: () => unknown;
  readonly error: unknown;
}

/** The way to the next page of a list; nothing where there is none. */
export function More({ query, label }: { query: MoreProps; label: string }) {
  if (!query.hasNextPage) return null;
  return (
    <div className="stack tight no-print">
      {query.error !== null && <ProblemState problem={problemOf(query.error)} />}
      <div className="row">
        <Button busy={query.isFetchingNextPage} onPress={() => query.fetchNextPage()}>
          {label}
        </Button>
      </div>
    </div>
  );
}

/** One fact of a strip: a small name, and what it is in larger type. */
export function Figure({
  name,
  children,
  under,
}: {
  name: string;
  children: React.ReactNode;
  under?: React.ReactNode;
}) {
  return (
    <div className="figure">
      <dt>{name}</dt>
      <dd>
        <span className="figure-value">{children}</span>
        {under && <span className="figure-under">{under}</span>}
      </dd>
    </div>
  );
}

/** One line of a check: whether it held, what was checked, and what was found. */
export function CheckLine({
  state,
  title,
  children,
}: {
  state: "held" | "failed" | "open";
  title: string;
  children?: React.ReactNode;
}) {
  const say = useWords();
  return (
    <li className={`check ${state}`}>
      <Icon name={CHECK_ICONS[state]} />
      <div className="check-words">
        <p className="check-title">
          <span className="visually-hidden">{say(`assurance.check.${state}`)}: </span>
          {title}
        </p>
        {children}
      </div>
    </li>
  );
}

const CHECK_ICONS: Readonly<Record<"held" | "failed" | "open", IconName>> = {
  held: "check",
  failed: "failed",
  open: "unchecked",
};
