/** German: for every key of English, or the build fails. */
import type { Messages } from "../messages";
import account from "./account.json";
import design from "./design.json";
import incidents from "./incidents.json";
import instances from "./instances.json";
import overview from "./overview.json";
import reasons from "./reasons.json";
import shell from "./shell.json";
import timeline from "./timeline.json";
import tour from "./tour.json";

export default {
  ...account,
  ...design,
  ...incidents,
  ...instances,
  ...overview,
  ...reasons,
  ...shell,
  ...timeline,
  ...tour,
} satisfies Messages;
