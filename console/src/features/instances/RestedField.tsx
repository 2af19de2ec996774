/** A search field over a filter that the server answers: asked for when typing rests. */
import { useEffect, useState } from "react";
import { TextField } from "../../design";

const TYPING = 300; // ms of no key before what was typed is asked for

export interface RestedFieldProps {
  label: string;
  value: string;
  onChange: (value: string) => void;
}

/** The field. What is typed stays as it was typed, however the filter says it. */
export function RestedField({ label, value, onChange }: RestedFieldProps) {
  const [typed, setTyped] = useState(value);
  useEffect(() => setTyped((before) => (before.trim() === value ? before : value)), [value]);
  // biome-ignore lint/correctness/useExhaustiveDependencies: only typing starts the wait
  useEffect(() => {
    const text = typed.trim();
    if (text === value) return undefined;
    const timer = setTimeout(() => onChange(text), TYPING);
    return () => clearTimeout(timer);
  }, [typed]);
  return <TextField type="search" label={label} value={typed} onChange={setTyped} maxLength={200} />;
}
