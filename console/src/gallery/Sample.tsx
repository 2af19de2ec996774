/** One part of the gallery under its heading. */
import type { ReactNode } from "react";

/** A section with a heading. */
export function Sample({ title, children }: { title: string; children: ReactNode }) {
  return (
    <section className="stack" aria-label={title}>
      <h2>{title}</h2>
      {children}
    </section>
  );
}
