/** A screen's frame: its one heading, what can be done there, and where the reader is after going there. */
import { type ReactNode, useEffect, useRef } from "react";
import { seen, visible } from "../design";
import { useWords } from "../i18n";

export interface PageProps {
  title: string;
  /** What stands beside the heading: the one thing to do here, an id, a tag. */
  actions?: ReactNode;
  /** A line under the heading. */
  lead?: ReactNode;
  children: ReactNode;
}

/** A page with its heading. Arriving at it moves focus to the heading, so that a screen reader says where one is. */
export function Page({ title, actions, lead, children }: PageProps) {
  const say = useWords();
  const heading = useRef<HTMLHeadingElement>(null);
  useEffect(() => {
    document.title = say("shell.document", { title });
  }, [say, title]);
  useEffect(() => {
    // Not at the very first page, and not when something inside was meant to have it.
    if (isFirst) isFirst = false;
    else if (document.activeElement === document.body || isFrame(document.activeElement))
      heading.current?.focus();
  }, []);
  return (
    <div className="page stack">
      <header className="page-head">
        <div className="row apart">
          <h1 ref={heading} tabIndex={-1}>
            {visible(title)}
          </h1>
          {actions && <div className="row page-actions">{actions}</div>}
        </div>
        {lead && <div className="page-lead muted">{seen(lead)}</div>}
      </header>
      {children}
    </div>
  );
}

let isFirst = true;

/** Whether an element belongs to what leads to screens: navigation, top line, tour, or a dialog that just closes. */
function isFrame(element: Element | null): boolean {
  return element !== null && element.closest("nav, .top, .tour, [role='dialog']") !== null;
}
