/** A menu behind a button: what else can be done with the thing beside it. */
import { Menu as AriaMenu, MenuItem, MenuTrigger, Popover } from "react-aria-components";
import { Button, type ButtonKind } from "./Button";
import { Icon, type IconName } from "./Icon";
import { ItemWords } from "./SelectField";
import "./list.css";

export interface MenuItemOf {
  readonly id: string;
  readonly label: string;
  readonly icon?: IconName | undefined;
  /** A second line; for a closed item, why it is closed. */
  readonly detail?: string | undefined;
  readonly disabled?: boolean | undefined;
  /** Cannot be undone: shown in red, and last. */
  readonly risky?: boolean | undefined;
  readonly href?: string | undefined;
  readonly onAction?: (() => void) | undefined;
}

export interface MenuProps {
  /** The words of the button, also where only its icon shows. */
  label: string;
  items: readonly MenuItemOf[];
  icon?: IconName | undefined;
  iconOnly?: boolean | undefined;
  kind?: ButtonKind | undefined;
  small?: boolean | undefined;
}

/** A button that opens a menu; arrow keys and first letters go through it. */
export function Menu(props: MenuProps) {
  return (
    <MenuTrigger>
      <Button kind={props.kind} small={props.small} iconOnly={props.iconOnly} icon={props.icon ?? "chevron"}>
        {props.label}
      </Button>
      <Popover className="overlay" placement="bottom start">
        <AriaMenu className="list" aria-label={props.label}>
          {props.items.map((item) => (
            <MenuItem
              key={item.id}
              id={item.id}
              className={item.risky ? "list-item risky" : "list-item"}
              textValue={item.label}
              isDisabled={item.disabled ?? false}
              {...(item.href === undefined ? {} : { href: item.href })}
              {...(item.onAction === undefined ? {} : { onAction: item.onAction })}
            >
              {item.icon && <Icon name={item.icon} />}
              <ItemWords label={item.label} detail={item.detail} />
            </MenuItem>
          ))}
        </AriaMenu>
      </Popover>
    </MenuTrigger>
  );
}
