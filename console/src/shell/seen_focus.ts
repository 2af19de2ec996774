/** What the keyboard goes to is seen whole: nothing of it stays under the top line. */

/** Scrolls what receives the focus by keyboard into sight, as `scroll-padding` has it; components that move the focus
 * themselves, such as tables that are entered from below, leave that to whoever listens here. */
export function keepFocusInSight(): void {
  document.addEventListener("focusin", ({ target }) => {
    if (target instanceof Element && target.matches("main :focus-visible")) {
      requestAnimationFrame(() => target.scrollIntoView({ block: "nearest", inline: "nearest" }));
    }
  });
}
