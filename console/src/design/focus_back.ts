/** The focus stays where somebody works: a form that closes, and a button that goes with what it did, lose it to nobody. */
import { type RefObject, useEffect, useRef } from "react";

const CAN_BE_PRESSED = "a[href], button:not([disabled])";

/**
 * Whether nothing has the focus, as when what had it was taken away; or the first link of the page, to which a dialog
 * gives it that closes when what opened it is gone.
 */
function isLost(): boolean {
  const { activeElement } = document;
  return activeElement === null || activeElement === document.body || activeElement.matches(".skip");
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

const LOST_FRAMES = 8; // a dialog that closes gives the focus back within a few
const LOOKED_FRAMES = 40;

/**
 * After something was done: where the control that did it is gone or can be pressed no more, the focus goes to what is
 * left around it, and to the page where nothing is. `from` is what had the focus when it was begun.
 */
export function keepFocus(from: Element | null): void {
  const around: Element[] = [];
  for (let up = from?.parentElement ?? null; up !== null; up = up.parentElement) around.push(up);
  let [frames, lost] = [0, 0];
  const look = () => {
    frames += 1;
    lost = isLost() ? lost + 1 : 0;
    if (lost === LOST_FRAMES) focusWithin(around);
    else if (frames < LOOKED_FRAMES) requestAnimationFrame(look);
  };
  requestAnimationFrame(look);
}

function focusWithin(around: readonly Element[]): void {
  for (const one of around) {
    if (!one.isConnected || one === document.body) continue;
    if (one.matches("main")) break;
    const found = one.querySelector<HTMLElement>(`[tabindex="-1"]:is(h1, h2, h3), ${CAN_BE_PRESSED}`);
    found?.focus();
    if (!isLost()) return;
  }
  document.querySelector<HTMLElement>("main")?.focus();
}

/** What was pressed is not sent yet: the first field that is not filled in as it has to be gets the focus, and is in sight. */
export function focusFault(): void {
  const around = document.activeElement?.closest("[role=dialog], main");
  const look = () => {
    const field = around?.querySelector("[data-invalid]");
    field?.querySelector<HTMLElement>('input:not([tabindex="-1"]), textarea, button')?.focus();
  };
  requestAnimationFrame(() => requestAnimationFrame(look));
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
