/** Single keys of the inbox. They never fire while somebody types, and can be switched off (WCAG 2.1.4). */
import { useEffect, useRef, useState } from "react";
import { isTyping } from "../../shell/typing";

const KEY = "muniment.keys";
const OVER = "[role=dialog], [role=alertdialog], [role=menu], [role=listbox]";

/** Calls what stands for a pressed key, `?` included, unless a dialog or menu is open. */
export function useKeys(acts: Readonly<Record<string, () => void>>, isOn: boolean): void {
  const current = useRef(acts);
  current.current = acts;
  useEffect(() => {
    if (!isOn) return undefined;
    const onKey = (event: KeyboardEvent) => {
      if (event.ctrlKey || event.metaKey || event.altKey || event.repeat || event.isComposing) return;
      if (isTyping(event.target)) return;
      const act = current.current[event.key.toLowerCase()];
      if (act === undefined || document.querySelector(OVER) !== null) return;
      event.preventDefault();
      event.stopPropagation(); // a table would look for a row that begins with the letter
      act();
    };
    document.addEventListener("keydown", onKey, true);
    return () => document.removeEventListener("keydown", onKey, true);
  }, [isOn]);
}

/** Whether single keys act in this browser, and how to say so. */
export function useKeysOn(): readonly [boolean, (isOn: boolean) => void] {
  const [isOn, setOn] = useState(() => read() !== "off");
  const set = (to: boolean) => {
    write(to ? "on" : "off");
    setOn(to);
  };
  return [isOn, set];
}

function read(): string | null {
  try {
    return localStorage.getItem(KEY);
  } catch {
    return null;
  }
}

function write(value: string): void {
  try {
    localStorage.setItem(KEY, value);
  } catch {
    return;
  }
}
