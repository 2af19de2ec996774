/** Fields for text: one line, several lines, a secret. */
import { TextField as AriaTextField, Input, TextArea } from "react-aria-components";
import { useWords } from "../../i18n";
import { FieldHint, FieldLabel, FieldProblem, type FieldProps, fieldState } from "./field_parts";

export interface TextFieldProps extends FieldProps<string> {
  /** `search` adds nothing but the right keyboard; `password` and `code` let password managers fill in. */
  type?: "text" | "email" | "search" | "password" | "code" | undefined;
  autoComplete?: string | undefined;
  maxLength?: number | undefined;
  /** For hashes and code: fixed pitch, no spelling. */
  mono?: boolean | undefined;
  placeholder?: string | undefined;
}

/** One line of text. Paste is always allowed. */
export function TextField(props: TextFieldProps) {
  const { type = "text" } = props;
  const isCode = type === "code";
  return (
    <AriaTextField
      className="field"
      {...fieldState(props)}
      value={props.value}
      onChange={props.onChange}
      type={isCode ? "text" : type}
      autoComplete={props.autoComplete ?? AUTOCOMPLETE[type]}
      {...(props.maxLength === undefined ? {} : { maxLength: props.maxLength })}
      {...(isCode ? { inputMode: "numeric" as const } : {})}
    >
      <FieldLabel required={props.required}>{props.label}</FieldLabel>
      <FieldHint>{props.hint}</FieldHint>
      <Input
        className={props.mono || isCode ? "control mono" : "control"}
        spellCheck={props.mono || type !== "text" ? "false" : undefined}
        {...(props.placeholder === undefined ? {} : { placeholder: props.placeholder })}
      />
      <FieldProblem>{props.error}</FieldProblem>
    </AriaTextField>
  );
}

const AUTOCOMPLETE = {
  text: "off",
  email: "email",
  search: "off",
  password: "current-password",
  code: "one-time-code",
};

export interface AreaFieldProps extends FieldProps<string> {
  rows?: number | undefined;
  /** Characters that the service takes. What is too long is said and not cut off: half of a text is another. */
  maxLength?: number | undefined;
  mono?: boolean | undefined;
}

/** Characters as the service counts them, where a language of browsers counts halves of some. */
export function lengthOf(text: string): number {
  return [...text.trim()].length;
}

/** Several lines of text; grows with what is typed where the browser can. */
export function AreaField(props: AreaFieldProps) {
  const say = useWords();
  const { maxLength: max } = props;
  const count = lengthOf(props.value);
  const error = max !== undefined && count > max ? say("field.long", { max, count }) : props.error;
  return (
    <AriaTextField
      className="field"
      {...fieldState({ ...props, error })}
      value={props.value}
      onChange={props.onChange}
    >
      <FieldLabel required={props.required}>{props.label}</FieldLabel>
      <FieldHint>{props.hint}</FieldHint>
      <TextArea className={props.mono ? "control area mono" : "control area"} rows={props.rows ?? 3} />
      <FieldProblem>{error}</FieldProblem>
    </AriaTextField>
  );
}
