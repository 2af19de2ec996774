/** English, the language whose keys are the keys: a file for each area. */
import account from "./account.json";
import design from "./design.json";
import reasons from "./reasons.json";
import shell from "./shell.json";
import tour from "./tour.json";

export default { ...account, ...design, ...reasons, ...shell, ...tour };
