/** Fields that choose one of a list: a short one opened, a long one searched. */
import type { ReactNode } from "react";
import {
  Button as AriaButton,
  SearchField as AriaSearchField,
  Autocomplete,
  Input,
  ListBox,
  ListBoxItem,
  Popover,
  Select,
  SelectValue,
  Text,
  useFilter,
} from "react-aria-components";
import { useWords } from "../../i18n";
import type { Wording } from "../../wordings/told";
import { FieldHint, FieldLabel, FieldProblem, type FieldProps, fieldState } from "./field_parts";
import { Icon } from "./Icon";
import "./list.css";

export interface Option {
  readonly id: string;
  readonly label: string;
  /** A second line that tells options apart. */
  readonly detail?: string | undefined;
  /** Where the service says the detail, in English: what it is made of, for other languages. */
  readonly wording?: Wording | null | undefined;
  readonly disabled?: boolean | undefined;
}

export interface SelectFieldProps extends FieldProps<string | null> {
  options: readonly Option[];
}

/** One of up to about 15 options. For two or three, RadioField shows them all. */
export function SelectField(props: SelectFieldProps) {
  return (
    <Choice {...props}>
      <Options options={props.options} />
    </Choice>
  );
}

/** One of a long list, found by typing: people, time zones, blueprints. */
export function SearchField(props: SelectFieldProps) {
  const say = useWords();
  const { contains } = useFilter({ sensitivity: "base" });
  return (
    <Choice {...props}>
      <Autocomplete filter={contains}>
        <AriaSearchField
          className="list-search"
          aria-label={say("field.search", { label: props.label })}
          autoFocus
        >
          <Icon name="search" />
          <Input className="bare" />
        </AriaSearchField>
        <Options options={props.options} />
      </Autocomplete>
    </Choice>
  );
}

/** The label, the button that shows what is chosen, and what opens below it. */
function Choice(props: SelectFieldProps & { children: ReactNode }) {
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
      <Popover className="overlay list-overlay">{props.children}</Popover>
    </Select>
  );
}

/** The open list. A detail belongs to the name of its option: it tells options apart. */
function Options({ options }: { options: readonly Option[] }) {
  const say = useWords();
  return (
    <ListBox
      className="list"
      items={options}
      renderEmptyState={() => <p className="list-none">{say("field.nothing-found")}</p>}
    >
      {(option) => (
        <ListBoxItem
          className="list-item"
          id={option.id}
          textValue={option.label}
          isDisabled={option.disabled ?? false}
        >
          <ItemWords label={option.label} detail={option.detail} />
        </ListBoxItem>
      )}
    </ListBox>
  );
}

/** The words of an option or of an item of a menu. */
export function ItemWords({ label, detail }: { label: string; detail: string | undefined }) {
  return (
    <Text slot="label">
      {label} {detail && <span className="list-detail">{detail}</span>}
    </Text>
  );
}
