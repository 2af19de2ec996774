/** The focus stays where somebody works: a form that closes, and a button that goes with what it did, lose it to nobody. */
import { type RefObject, useEffect, useRef } from "react";

const CAN_BE_PRESSED = "a[href], button:not([disabled])";

/** Whether nothing has the focus, as when what had it was taken away. */
function isLost(): boolean {
  return document.activeElement === null || document.activeElement === document.body;
}

/** The section in which a form opens: when it has closed with the focus in it, its first button has the focus. */
export function useFocusBack<E extends HTMLElement>(isOpen: boolean): RefObject<E | null> {
  const section = useRef<E>(null);
  const wasOpen = useRef(false);
  useEffect(() => {
    if (wasOpen.current && !isOpen && isLost())
      section.current?.querySelector<HTMLElement>(CAN_BE_PRESSED)?.focus();
    wasOpen.current = isOpen;
  }, [isOpen]);
  return section;
}
