/** Fields for numbers and money, typed as the person's language writes them. */

import { useState } from "react";
import {
  NumberField as AriaNumberField,
  TextField as AriaTextField,
  Group,
  Input,
} from "react-aria-components";
import { type MoneyValue, useFormats } from "../../i18n";
import { decimalText } from "../decimal";
import { FieldHint, FieldLabel, FieldProblem, type FieldProps, fieldState } from "./field_parts";

export interface NumberFieldProps extends FieldProps<number | null> {
  min?: number | undefined;
  max?: number | undefined;
  step?: number | undefined;
  /** What is counted, shown after the number: `hours`. */
  unit?: string | undefined;
}

/** A number; null while empty. Arrow keys step it. */
export function NumberField(props: NumberFieldProps) {
  return (
    <AriaNumberField
      className="field"
      {...fieldState(props)}
      value={props.value ?? Number.NaN}
      onChange={(value) => props.onChange(Number.isNaN(value) ? null : value)}
      {...(props.min === undefined ? {} : { minValue: props.min })}
      {...(props.max === undefined ? {} : { maxValue: props.max })}
      {...(props.step === undefined ? {} : { step: props.step })}
    >
      <FieldLabel required={props.required}>{props.label}</FieldLabel>
      <FieldHint>{props.hint}</FieldHint>
      <Group className="control group">
        <Input className="bare number" />
        {props.unit && <span className="affix">{props.unit}</span>}
      </Group>
      <FieldProblem>{props.error}</FieldProblem>
    </AriaNumberField>
  );
}

export interface MoneyFieldProps extends FieldProps<MoneyValue> {}

/** An amount of money as exact decimal text; its currency is given and shown, never typed. Empty amount: "". */
export function MoneyField(props: MoneyFieldProps) {
  const formats = useFormats();
  const [typed, setTyped] = useState<string | null>(null);
  const shown = typed ?? (props.value.amount === "" ? "" : decimalShown(props.value.amount, formats.locale));
  return (
    <AriaTextField
      className="field"
      {...fieldState(props)}
      value={shown}
      onChange={(text) => {
        setTyped(text);
        props.onChange({ ...props.value, amount: decimalText(text, formats.locale) ?? text.trim() });
      }}
      onBlur={() => setTyped(null)}
      inputMode="decimal"
      autoComplete="off"
    >
      <FieldLabel required={props.required}>{props.label}</FieldLabel>
      <FieldHint>{props.hint}</FieldHint>
      <Group className="control group">
        <span className="affix">{props.value.currency}</span>
        <Input className="bare number" />
      </Group>
      <FieldProblem>{props.error}</FieldProblem>
    </AriaTextField>
  );
}

/** Decimal text with the separators of a locale; whatever is no decimal stays as typed, so that it can be mended. */
function decimalShown(amount: string, locale: string): string {
  if (!/^-?\d+(\.\d+)?$/.test(amount)) return amount;
  const digits = amount.split(".")[1]?.length ?? 0;
  const format = new Intl.NumberFormat(locale, {
    minimumFractionDigits: digits,
    maximumFractionDigits: digits,
  });
  return format.format(amount as unknown as number);
}
