/**
 * Begins to fetch the words and the screen at the address. It stands in a chunk of its own that is run before all others:
 * they take long to run, and meanwhile these come.
 */
import { messagesOf } from "./i18n/messages";
import { remembered } from "./i18n/remembered";
import { screenAt } from "./shell/screens";

// What fails now is asked for again where it is shown.
const { language } = remembered();
messagesOf(language).catch(() => undefined);
// Its readers wait for the sentences of the service as well; whoever reads English has them in the answers.
if (language !== "en")
  import("./wordings/told").then((told) => told.wordsOf(language)).catch(() => undefined);
screenAt(window.location.pathname)
  ?.load()
  .catch(() => undefined);
