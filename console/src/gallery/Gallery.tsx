/** Every component in every state, on one page. Its words are samples, not messages: nobody but builders sees it. */
import { Controls } from "./Controls";
import { Drawings } from "./Drawings";
import { Overlays } from "./Overlays";
import { Records } from "./Records";
import { States } from "./States";
import { Trust } from "./Trust";
import "./gallery.css";

/** The page. */
export function Gallery() {
  return (
    <main className="gallery stack">
      <h1>Muniment design system</h1>
      <Controls />
      <Records />
      <Trust />
      <Drawings />
      <Overlays />
      <States />
    </main>
  );
}
