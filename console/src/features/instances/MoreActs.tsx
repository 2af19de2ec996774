/** The menu of what may be done with a running instance, and the dialog of what was chosen. */
import { lazy } from "react";
import { Menu, useAsking } from "../../design";
import { useWords } from "../../i18n";
import type { Instance } from "./queries";
import type { ActOf, Asked, Place } from "./steering";

/** Its fields are loaded when somebody asks for it. */
const ActDialog = lazy(() => import("./ActDialog"));

/** One item for each act that nothing stands against. */
export default function MoreActs(props: {
  instance: Instance;
  open: readonly (ActOf & { readonly act: Asked })[];
  places: readonly Place[];
}) {
  const say = useWords();
  const ask = useAsking();
  const { instance, places } = props;
  return (
    <Menu
      label={say("steering.more")}
      items={props.open.map((one) => ({
        id: one.act,
        label: say(`steering.act.${one.act}`),
        detail: one.second === "" ? undefined : say("steering.second", { role: one.second }),
        onAction: () =>
          ask((close) => (
            <ActDialog instance={instance} asked={one.act} act={one} places={places} onClose={close} />
          )),
      }))}
    />
  );
}
