/** A search field over a filter of the address. */
import { useEffect, useRef, useState } from "react";
import { TextField } from "../../design";
import type { TextFieldProps } from "../../design/components/Field";

/** What is typed leads: the address follows, and what it was a moment ago never takes back letters typed since. */
export function TypedFilter({ value, onChange, ...field }: TextFieldProps) {
  const [typed, setTyped] = useState(value);
  const sent = useRef<string[]>([]);
  useEffect(() => {
    const at = sent.current.lastIndexOf(value);
    if (at >= 0) sent.current.splice(0, at + 1);
    else setTyped(value);
  }, [value]);
  const send = (text: string) => {
    sent.current.push(text);
    setTyped(text);
    onChange(text);
  };
  return <TextField {...field} type="search" value={typed} onChange={send} />;
}
