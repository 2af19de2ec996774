/** What every field shares: its label above, a hint below the label, the error below the control. */
import type { ReactNode } from "react";
import { FieldError, Label, Text } from "react-aria-components";
import { useWords } from "../../i18n";
import { Icon } from "./Icon";
import "./field.css";

/** The props that every field takes. `V` is what it holds; null stands for nothing chosen. */
export interface FieldProps<V> {
  label: string;
  value: V;
  onChange: (value: V) => void;
  /** How to fill it in, said before it is typed. */
  hint?: ReactNode;
  /** What is wrong and how to mend it; undefined when nothing is. */
  error?: ReactNode;
  required?: boolean | undefined;
  disabled?: boolean | undefined;
  readOnly?: boolean | undefined;
  name?: string | undefined;
  autoFocus?: boolean | undefined;
}

/** The props of React Aria that go with ours. */
export function fieldState(props: Omit<FieldProps<unknown>, "value" | "onChange">) {
  return {
    isRequired: props.required ?? false,
    isDisabled: props.disabled ?? false,
    isReadOnly: props.readOnly ?? false,
    isInvalid: props.error !== undefined,
    validationBehavior: "aria" as const,
    ...(props.name === undefined ? {} : { name: props.name }),
    ...(props.autoFocus === undefined ? {} : { autoFocus: props.autoFocus }),
  };
}

/** The label with the word `required` in it: an asterisk alone is not read by everyone. */
export function FieldLabel({ children, required }: { children: string; required?: boolean | undefined }) {
  const say = useWords();
  return <Label>{required ? say("field.required", { label: children }) : children}</Label>;
}

/** The hint under a label. */
export function FieldHint({ children }: { children: ReactNode }) {
  if (children === undefined || children === null || children === "") return null;
  return (
    <Text slot="description" className="field-hint">
      {children}
    </Text>
  );
}

/** The error under a control, with an icon and in words. */
export function FieldProblem({ children }: { children: ReactNode }) {
  if (children === undefined) return null;
  return (
    <FieldError className="field-error">
      <Icon name="warning" />
      <span>{children}</span>
    </FieldError>
  );
}
