/** Who acted: a person by reference, a machine named as one. */
import { Icon, type IconName } from "../../design";
import { useWords } from "../../i18n";

const MACHINES: Readonly<Record<string, IconName>> = { svc: "call", agent: "ai", system: "refresh" };

/** The name, with the kind of machine before it in words where it is one. */
export function WhoText({ who }: { who: string }) {
  const say = useWords();
  const [kind = "", name = ""] = who.split(":");
  const icon = MACHINES[kind];
  if (icon === undefined || name === "")
    return <span className="who">{who === "" ? say("instances.who.nobody") : who}</span>;
  const words =
    kind === "agent"
      ? say("instances.who.agent", { name })
      : kind === "svc"
        ? say("instances.who.service", { name })
        : null;
  return (
    <span className="who">
      <Icon name={icon} /> {words ?? say("instances.who.system")}
    </span>
  );
}
