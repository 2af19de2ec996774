/** German: for every key of English, or the build fails. */
import type { Messages } from "../messages";
import account from "./account.json";
import design from "./design.json";
import inbox from "./inbox.json";
import reasons from "./reasons.json";
import shell from "./shell.json";
import task from "./task.json";
import tour from "./tour.json";

export default { ...account, ...design, ...inbox, ...reasons, ...shell, ...task, ...tour } satisfies Messages;
