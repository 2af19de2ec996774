/** German: for every key of English, or the build fails. */
import type { Messages } from "../messages";
import access from "./access.json";
import account from "./account.json";
import authorities from "./authorities.json";
import design from "./design.json";
import evidence from "./evidence.json";
import keys from "./keys.json";
import ledger from "./ledger.json";
import shell from "./shell.json";
import tour from "./tour.json";

export default {
  ...account,
  ...design,
  ...access,
  ...authorities,
  ...evidence,
  ...keys,
  ...ledger,
  ...shell,
  ...tour,
} satisfies Messages;
