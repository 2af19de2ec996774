/** A short status in words. */
import type { ReactNode } from "react";
import { useFormats } from "../../i18n";
import { seen } from "../visible";
import { Icon, type IconName } from "./Icon";
import "./tag.css";

/** What a tag means: `bad` only for failure, overdue and removal. */
export type Tone = "neutral" | "accent" | "good" | "soon" | "bad";

/** A status: always words, where it helps an icon, and a colour that only repeats them. */
export function Tag({
  tone = "neutral",
  icon,
  children,
}: {
  tone?: Tone;
  icon?: IconName;
  children: ReactNode;
}) {
  return (
    <span className={`tag ${tone}`}>
      {icon && <Icon name={icon} />}
      <span>{seen(children)}</span>
    </span>
  );
}

/** A count beside the name of what is counted; it grows with its number and never stands alone. */
export function Count({ tone = "neutral", children }: { tone?: Tone; children: ReactNode }) {
  const formats = useFormats();
  return (
    <span className={`tag count ${tone}`}>
      {typeof children === "number" ? formats.number(children) : children}
    </span>
  );
}
