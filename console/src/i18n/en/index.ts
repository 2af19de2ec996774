/** English, the language whose keys are the keys: a file for each area. */
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
};
