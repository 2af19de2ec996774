/** A field for a day: typed part by part, or picked from a calendar. */
import { parseDate } from "@internationalized/date";
import {
  Button as AriaButton,
  Calendar,
  CalendarCell,
  CalendarGrid,
  DateInput,
  DatePicker,
  DateSegment,
  Dialog,
  Group,
  Heading,
  Popover,
} from "react-aria-components";
import { FieldHint, FieldLabel, FieldProblem, type FieldProps, fieldState } from "./field_parts";
import { Icon } from "./Icon";
import "./calendar.css";

export interface DateFieldProps extends FieldProps<string | null> {
  /** The first and the last day that can be chosen, `2026-11-22`. */
  min?: string | undefined;
  max?: string | undefined;
}

/** A day as `2026-11-22`, null while empty. */
export function DateField(props: DateFieldProps) {
  return (
    <DatePicker
      className="field"
      {...fieldState(props)}
      value={props.value === null ? null : parseDate(props.value)}
      onChange={(day) => props.onChange(day === null ? null : day.toString())}
      {...(props.min === undefined ? {} : { minValue: parseDate(props.min) })}
      {...(props.max === undefined ? {} : { maxValue: parseDate(props.max) })}
    >
      <FieldLabel required={props.required}>{props.label}</FieldLabel>
      <FieldHint>{props.hint}</FieldHint>
      <Group className="control group">
        <DateInput className="bare segments">
          {(segment) => <DateSegment segment={segment} className="segment" />}
        </DateInput>
        <AriaButton className="inner-button">
          <Icon name="calendar" />
        </AriaButton>
      </Group>
      <FieldProblem>{props.error}</FieldProblem>
      <Popover className="overlay">
        <Dialog>
          <Calendar className="calendar">
            <header className="row apart">
              <AriaButton slot="previous" className="inner-button back">
                <Icon name="chevron" />
              </AriaButton>
              <Heading />
              <AriaButton slot="next" className="inner-button forth">
                <Icon name="chevron" />
              </AriaButton>
            </header>
            <CalendarGrid>{(day) => <CalendarCell date={day} className="calendar-day" />}</CalendarGrid>
          </Calendar>
        </Dialog>
      </Popover>
    </DatePicker>
  );
}
