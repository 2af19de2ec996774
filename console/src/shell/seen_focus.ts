/** What the keyboard goes to is seen whole: nothing of it stays under the top line, or beyond the edge of a dialog. */

const LOOKED_AT = ":is(main, [role=dialog]) :focus-visible";

/** Scrolls what receives the focus by keyboard into sight, as `scroll-padding` has it, a box together with what it is
 * called; components that move the focus themselves, such as tables that are entered from below, leave that to whoever
 * listens here. */
export function keepFocusInSight(): void {
  document.addEventListener("focusin", ({ target }) => {
    if (!(target instanceof Element && target.matches(LOOKED_AT))) return;
    const seen = target.closest("label") ?? target;
    requestAnimationFrame(() => seen.scrollIntoView({ block: "nearest", inline: "nearest" }));
  });
}
