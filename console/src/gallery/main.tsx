/** Where the gallery starts. */
import { StrictMode } from "react";
import { createRoot } from "react-dom/client";
import "../design";
import { LocaleProvider } from "../i18n";
import { Gallery } from "./Gallery";

const root = document.getElementById("root");
if (root === null) throw new Error("gallery.html has no #root");
createRoot(root).render(
  <StrictMode>
    <LocaleProvider>
      <Gallery />
    </LocaleProvider>
  </StrictMode>,
);
