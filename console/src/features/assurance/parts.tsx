/** Small parts that the screens of assurance share. */
import { Link } from "react-router";
import { Icon, type IconName } from "../../design";
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
