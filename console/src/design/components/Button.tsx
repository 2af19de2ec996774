/** Buttons, and links that look like buttons. */
import { type ReactNode, useEffect, useState } from "react";
import { Button as AriaButton, Link as AriaLink } from "react-aria-components";
import { useWords } from "../../i18n";
import { Icon, type IconName } from "./Icon";
import "./button.css";

export type ButtonKind = "primary" | "quiet" | "danger" | "plain";

export interface ButtonProps {
  /** One `primary` per view; `quiet` otherwise; `danger` for what cannot be undone; `plain` without a border. */
  kind?: ButtonKind | undefined;
  icon?: IconName | undefined;
  /** Shows the icon alone; the children stay the accessible name. */
  iconOnly?: boolean | undefined;
  small?: boolean | undefined;
  /** At work: keeps its place and focus, takes no press, and says so to screen readers. */
  busy?: boolean | undefined;
  disabled?: boolean | undefined;
  type?: "button" | "submit" | undefined;
  form?: string | undefined;
  autoFocus?: boolean | undefined;
  onPress?: (() => void) | undefined;
  children: ReactNode;
}

/** A button. Inside a Menu, Dialog or Tooltip trigger it takes what the trigger gives. */
export function Button(props: ButtonProps) {
  const say = useWords();
  const { kind = "quiet", busy = false, disabled = false } = props;
  return (
    <>
      <AriaButton
        className={classes(kind, props.small, props.iconOnly)}
        type={busy ? "button" : (props.type ?? "button")}
        // Not `isPending`: its announcer points at words that are gone when the work is quick, and axe finds that.
        {...(busy ? { "aria-disabled": true } : {})}
        isDisabled={disabled}
        {...(props.form === undefined ? {} : { form: props.form })}
        {...(props.autoFocus === undefined ? {} : { autoFocus: props.autoFocus })}
        {...(props.onPress === undefined || busy ? {} : { onPress: props.onPress })}
      >
        {busy ? <span className="spinner" /> : props.icon && <Icon name={props.icon} />}
        <Words iconOnly={props.iconOnly}>{props.children}</Words>
        {busy && <span className="visually-hidden">{say("button.busy")}</span>}
      </AriaButton>
      {busy && <Still />}
    </>
  );
}

const LONG = 8_000; // ms after which whoever waits wants to know that it is not forgotten

/** Beside a button that is at work for long. */
function Still() {
  const say = useWords();
  const [isLong, setLong] = useState(false);
  useEffect(() => {
    const timer = setTimeout(() => setLong(true), LONG);
    return () => clearTimeout(timer);
  }, []);
  return (
    <span role="status" className={isLong ? "small muted" : "visually-hidden"}>
      {isLong && say("button.still")}
    </span>
  );
}

export interface ButtonLinkProps {
  href: string;
  kind?: ButtonKind | undefined;
  icon?: IconName | undefined;
  iconOnly?: boolean | undefined;
  small?: boolean | undefined;
  /** The name of the file, where the link downloads one. */
  download?: string | undefined;
  children: ReactNode;
}

/** A link with the look of a button: for going somewhere, never for doing something. */
export function ButtonLink(props: ButtonLinkProps) {
  return (
    <AriaLink
      className={classes(props.kind ?? "quiet", props.small, props.iconOnly)}
      href={props.href}
      {...(props.download === undefined ? {} : { download: props.download })}
    >
      {props.icon && <Icon name={props.icon} />}
      <Words iconOnly={props.iconOnly}>{props.children}</Words>
    </AriaLink>
  );
}

/** The words of a button; there for screen readers where only the icon shows. */
function Words({ iconOnly, children }: { iconOnly: boolean | undefined; children: ReactNode }) {
  return <span className={iconOnly ? "visually-hidden" : "button-words"}>{children}</span>;
}

function classes(kind: ButtonKind, small?: boolean, iconOnly?: boolean): string {
  return `button ${kind}${small ? " small-button" : ""}${iconOnly ? " icon-only" : ""}`;
}
