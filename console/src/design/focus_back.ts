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

const FRAMES_MAX = 60; // until a dialog that closes has put the focus back, or had nothing left to put it on

/** What appears in place of a form: it takes the focus where the form and the button that opened it took it with them. */
export function useFocusIfLost<E extends HTMLElement>(): RefObject<E | null> {
  const heading = useRef<E>(null);
  useEffect(() => {
    let [frame, frames] = [0, 0];
    const look = () => {
      frames += 1;
      if (isLost()) heading.current?.focus();
      else if (frames < FRAMES_MAX) frame = requestAnimationFrame(look);
    };
    frame = requestAnimationFrame(look);
    return () => cancelAnimationFrame(frame);
  }, []);
  return heading;
}
