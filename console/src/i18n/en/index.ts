/** English, the language whose keys are the keys: a file for each area. */
import account from "./account.json";
import design from "./design.json";
import inbox from "./inbox.json";
import incidents from "./incidents.json";
import instances from "./instances.json";
import overview from "./overview.json";
import reasons from "./reasons.json";
import shell from "./shell.json";
import task from "./task.json";
import timeline from "./timeline.json";
import tour from "./tour.json";

export default {
  ...account,
  ...design,
  ...inbox,
  ...incidents,
  ...instances,
  ...overview,
  ...reasons,
  ...shell,
  ...task,
  ...timeline,
  ...tour,
};
