/** Fields that choose one of a list: a short one opened, a long one searched. */
import {
  Button as AriaButton,
  ComboBox,
  Group,
  Input,
  ListBox,
  ListBoxItem,
  Popover,
  Select,
  SelectValue,
  Text,
} from "react-aria-components";
import { useWords } from "../../i18n";
import { FieldHint, FieldLabel, FieldProblem, type FieldProps, fieldState } from "./field_parts";
import { Icon } from "./Icon";
import "./list.css";

export interface Option {
  readonly id: string;
  readonly label: string;
  /** A second line that tells options apart. */
  readonly detail?: string | undefined;
  readonly disabled?: boolean | undefined;
}

export interface SelectFieldProps extends FieldProps<string | null> {
  options: readonly Option[];
}

/** One of up to about 15 options. For two or three, RadioField shows them all. */
export function SelectField(props: SelectFieldProps) {
  const say = useWords();
  return (
    <Select
      className="field"
      {...fieldState(props)}
      placeholder={say("field.choose")}
      value={props.value}
      onChange={(key) => props.onChange(key === null ? null : String(key))}
    >
      <FieldLabel required={props.required}>{props.label}</FieldLabel>
      <FieldHint>{props.hint}</FieldHint>
      <AriaButton className="control select">
        <SelectValue className="select-value" />
        <Icon name="chevron" />
      </AriaButton>
      <FieldProblem>{props.error}</FieldProblem>
      <Popover className="overlay list-overlay">
        <Options options={props.options} />
      </Popover>
    </Select>
  );
}

/** One of a long list, found by typing: people, time zones, blueprints. */
export function SearchField(props: SelectFieldProps) {
  return (
    <ComboBox
      className="field"
      {...fieldState(props)}
      defaultItems={props.options}
      menuTrigger="focus"
      value={props.value}
      onChange={(key) => props.onChange(key === null ? null : String(key))}
    >
      <FieldLabel required={props.required}>{props.label}</FieldLabel>
      <FieldHint>{props.hint}</FieldHint>
      <Group className="control group">
        <Input className="bare" />
        <AriaButton className="inner-button">
          <Icon name="chevron" />
        </AriaButton>
      </Group>
      <FieldProblem>{props.error}</FieldProblem>
      <Popover className="overlay list-overlay">
        <Options />
      </Popover>
    </ComboBox>
  );
}

/** The open list. */
function Options({ options }: { options?: readonly Option[] }) {
  const say = useWords();
  return (
    <ListBox
      className="list"
      renderEmptyState={() => <p className="list-none">{say("field.nothing-found")}</p>}
      {...(options === undefined ? {} : { items: options })}
    >
      {(option: Option) => (
        <ListBoxItem
          className="list-item"
          id={option.id}
          textValue={option.label}
          isDisabled={option.disabled ?? false}
        >
          <Text slot="label">{option.label}</Text>
          {option.detail && (
            <Text slot="description" className="list-detail">
              {option.detail}
            </Text>
          )}
        </ListBoxItem>
      )}
    </ListBox>
  );
}
