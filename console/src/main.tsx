/** Where the console starts: it asks who is here, and sends nobody in particular to sign in. */
import "./early";
import { QueryClientProvider } from "@tanstack/react-query";
import { StrictMode } from "react";
import { createRoot } from "react-dom/client";
import { ProblemError } from "./api/client";
import { isSending } from "./api/kept_commands";
import { queryClient } from "./api/queries";
import { meQuery } from "./api/session";
import "./design";
import { wordsFirst } from "./design/told";
import { LOCALES, LocaleProvider, messagesOf, remembered } from "./i18n";
import { Guard } from "./shell/Broken";
import { fetchPlace, Routing } from "./shell/Routing";
import { keepFocusInSight } from "./shell/seen_focus";
import { signInAddress, tellSignedOut } from "./shell/signed_out";

const root = document.getElementById("root");
if (root === null) throw new Error("index.html has no #root");
const queries = queryClient(tellSignedOut);

/** Nobody is signed in: not an error of a session that ended, but a visitor at the door. */
function toSignIn(): void {
  const place = window.location.pathname.replace(/^\/console/, "") + window.location.search;
  window.location.replace(signInAddress(place));
}

// Words and screen come while it is asked who is here, and are shown together; what fails now is asked for again there.
const { language } = remembered();
const words = Promise.all([messagesOf(language), wordsFirst(LOCALES[language])]).catch(() => undefined);
const isSomebody = queries.fetchQuery({ ...meQuery, retry: false }).then(
  () => true,
  (error: unknown) => !(error instanceof ProblemError && error.status === 401),
);
const place = fetchPlace(window.location, isSomebody, queries);
if (!(await isSomebody)) toSignIn();
else {
  await Promise.all([words, place]);
  keepFocusInSight();
  window.addEventListener("beforeunload", (event) => {
    if (isSending()) event.preventDefault();
  });
  createRoot(root).render(
    <StrictMode>
      <LocaleProvider>
        <QueryClientProvider client={queries}>
          <Guard>
            <Routing />
          </Guard>
        </QueryClientProvider>
      </LocaleProvider>
    </StrictMode>,
  );
}
