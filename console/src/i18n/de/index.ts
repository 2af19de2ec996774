/** German: for every key of English, or the build fails. */
import type { Messages } from "../messages";
import access from "./access.json";
import account from "./account.json";
import authorities from "./authorities.json";
import design from "./design.json";
import evidence from "./evidence.json";
import inbox from "./inbox.json";
import incidents from "./incidents.json";
import instances from "./instances.json";
import keys from "./keys.json";
import ledger from "./ledger.json";
import overview from "./overview.json";
import reasons from "./reasons.json";
import shell from "./shell.json";
import task from "./task.json";
import timeline from "./timeline.json";
import tour from "./tour.json";

export default {
  ...access,
  ...account,
  ...authorities,
  ...design,
  ...evidence,
  ...inbox,
  ...incidents,
  ...instances,
  ...keys,
  ...ledger,
  ...overview,
  ...reasons,
  ...shell,
  ...task,
  ...timeline,
  ...tour,
} satisfies Messages;
