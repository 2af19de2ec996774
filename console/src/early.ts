/**
 * Begins to fetch the screen at the address. It stands in a chunk of its own that is run before all others: they take
 * long to run, and meanwhile the screen comes.
 */
import { screenAt } from "./shell/screens";

// What fails now is asked for again where it is shown.
screenAt(window.location.pathname)
  ?.load()
  .catch(() => undefined);
