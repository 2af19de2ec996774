/** Fields that show every choice: one box to tick, one of a few. */
import {
  CheckboxField as AriaCheckboxField,
  RadioField as AriaRadioField,
  CheckboxButton,
  RadioButton,
  RadioGroup,
} from "react-aria-components";
import { FieldHint, FieldLabel, FieldProblem, type FieldProps, fieldState } from "./field_parts";
import type { Option } from "./SelectField";
import { ServerWords } from "./states";
import "./choice.css";

/** Yes or no. The label says what a tick means. */
export function CheckboxField(props: FieldProps<boolean>) {
  return (
    <AriaCheckboxField
      className="field"
      {...fieldState(props)}
      isSelected={props.value}
      onChange={props.onChange}
    >
      <CheckboxButton className="choice">
        <span className="choice-box" aria-hidden="true" />
        <span>{props.label}</span>
      </CheckboxButton>
      <FieldHint>{props.hint}</FieldHint>
      <FieldProblem>{props.error}</FieldProblem>
    </AriaCheckboxField>
  );
}

export interface RadioFieldProps extends FieldProps<string | null> {
  options: readonly Option[];
  /** Side by side where there is room. */
  inline?: boolean | undefined;
}

/** One of two to six, all visible, nothing chosen beforehand unless the value says so. */
export function RadioField(props: RadioFieldProps) {
  return (
    <RadioGroup className="field" {...fieldState(props)} value={props.value} onChange={props.onChange}>
      <FieldLabel required={props.required}>{props.label}</FieldLabel>
      <FieldHint>{props.hint}</FieldHint>
      <div className={props.inline ? "choices inline" : "choices"}>
        {props.options.map((option) => (
          <AriaRadioField key={option.id} value={option.id} isDisabled={option.disabled ?? false}>
            <RadioButton className="choice">
              <span className="choice-dot" aria-hidden="true" />
              <span>{option.label}</span>
            </RadioButton>
            {option.detail &&
              (option.wording === undefined ? (
                <span className="choice-detail">{option.detail}</span>
              ) : (
                <ServerWords text={option.detail} wording={option.wording} className="choice-detail" />
              ))}
          </AriaRadioField>
        ))}
      </div>
      <FieldProblem>{props.error}</FieldProblem>
    </RadioGroup>
  );
}
