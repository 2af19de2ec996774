/** German: for every key of English, or the build fails. */
import type { Messages } from "../messages";
import account from "./account.json";
import design from "./design.json";
import help from "./help.json";
import licences from "./licences.json";
import reasons from "./reasons.json";
import search from "./search.json";
import shell from "./shell.json";
import tour from "./tour.json";

export default {
  ...account,
  ...design,
  ...help,
  ...licences,
  ...reasons,
  ...search,
  ...shell,
  ...tour,
} satisfies Messages;
