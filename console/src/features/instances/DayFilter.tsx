/** A day as a filter. */
import { useEffect, useState } from "react";
import { DateField } from "../../design";

const FIRST_DAY = "1970-01-02"; // while a year is typed its first figures are a day long past

/** A day that counts once it is whole. */
export default function DayFilter(props: {
  label: string;
  value: string | null;
  onChange: (day: string | null) => void;
}) {
  const [typed, setTyped] = useState(props.value);
  useEffect(() => setTyped(props.value), [props.value]);
  return (
    <DateField
      label={props.label}
      value={typed}
      onChange={(day) => {
        setTyped(day);
        if (day === null || day >= FIRST_DAY) props.onChange(day);
      }}
    />
  );
}
