/** Every component in every state, on one page. Its words are samples, not messages: nobody but builders sees it. */
import { Controls } from "./Controls";
import { Records } from "./Records";
import { States } from "./States";
import "./gallery.css";

/** The page. */
export function Gallery() {
  return (
    <main className="gallery stack">
      <h1>Muniment design system</h1>
      <Controls />
      <Records />
      <States />
    </main>
  );
}
