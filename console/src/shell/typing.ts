/** Whether a key belongs to what somebody is filling in, so that it does nothing else. */
const FIELDS =
  "input, textarea, select, [contenteditable], [role=textbox], [role=combobox], [role=spinbutton]";

/** True for whatever takes letters, parts of a date among them. */
export function isTyping(target: EventTarget | null): boolean {
  return target instanceof Element && target.closest(FIELDS) !== null;
}
