/**
 * Begins to fetch the words and the screen at the address. It stands in a chunk of its own that is run before all others:
 * they take long to run, and meanwhile these come.
 */
import { messagesOf } from "./i18n/messages";
import { remembered } from "./i18n/remembered";
import { screenAt } from "./shell/screens";

// What fails now is asked for again where it is shown.
messagesOf(remembered().language).catch(() => undefined);
screenAt(window.location.pathname)
  ?.load()
  .catch(() => undefined);
