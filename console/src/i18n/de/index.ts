/** German: for every key of English, or the build fails. */
import type { Messages } from "../messages";
import access from "./access.json";
import account from "./account.json";
import authorities from "./authorities.json";
import blueprints from "./blueprints.json";
import changes from "./changes.json";
import design from "./design.json";
import draft from "./draft.json";
import evidence from "./evidence.json";
import help from "./help.json";
import inbox from "./inbox.json";
import incidents from "./incidents.json";
import instances from "./instances.json";
import keys from "./keys.json";
import ledger from "./ledger.json";
import licences from "./licences.json";
import notifications from "./notifications.json";
import overview from "./overview.json";
import people from "./people.json";
import print from "./print.json";
import reasons from "./reasons.json";
import search from "./search.json";
import services from "./services.json";
import shell from "./shell.json";
import steering from "./steering.json";
import task from "./task.json";
import timeline from "./timeline.json";
import tour from "./tour.json";

export default {
  ...access,
  ...account,
  ...authorities,
  ...blueprints,
  ...changes,
  ...design,
  ...draft,
  ...evidence,
  ...help,
  ...inbox,
  ...incidents,
  ...instances,
  ...keys,
  ...ledger,
  ...licences,
  ...notifications,
  ...overview,
  ...people,
  ...print,
  ...reasons,
  ...search,
  ...services,
  ...shell,
  ...steering,
  ...task,
  ...timeline,
  ...tour,
} satisfies Messages;
