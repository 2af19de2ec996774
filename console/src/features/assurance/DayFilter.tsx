/** A day to filter by. In a chunk of its own: the calendar is larger than a screen, and few open it. */
import { useEffect, useState } from "react";
import { DateField } from "../../design";

const FIRST_DAY = "1970-01-02"; // while a year is typed its first figures are a day long past

export interface DayFilterProps {
  label: string;
  value: string | undefined;
  onChange: (day: string | null) => void;
  hint?: string | undefined;
  min?: string | undefined;
  max?: string | undefined;
}

/** A day that counts once it is whole; null when it is taken away. */
export default function DayFilter({ value = "", onChange, ...others }: DayFilterProps) {
  const [typed, setTyped] = useState(value);
  useEffect(() => setTyped(value), [value]);
  return (
    <DateField
      {...others}
      value={typed === "" ? null : typed}
      onChange={(day) => {
        setTyped(day ?? "");
        if (day === null || day >= FIRST_DAY) onChange(day);
      }}
    />
  );
}
