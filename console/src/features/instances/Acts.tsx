/** Acts on a running instance: what may be done with it, that it stands still, what waits for a second person. */
import { useQuery } from "@tanstack/react-query";
import { lazy, Suspense } from "react";
import { Placeholder, Tag, Time } from "../../design";
import { useWords } from "../../i18n";
import { CancelInstance } from "./CancelInstance";
import type { Instance } from "./queries";
import { type ActOf, ASKED, type Asked, actsQuery } from "./steering";

/** Loaded where somebody may do something, and where something waits for a second person: both are seldom. */
const MoreActs = lazy(() => import("./MoreActs"));
const ProposalPane = lazy(() => import("./ProposalPane"));

/** The buttons above the instance: a menu of what may be done, and the cancellation; nothing once it is over. */
export function InstanceActs({ instance }: { instance: Instance }) {
  const { data } = useActs(instance);
  if (instance.status !== "active") return null;
  const open = (data?.acts ?? []).filter(isAsked).filter((one) => one.barred === null);
  return (
    <>
      {data && open.length > 0 && (
        <Suspense fallback={<Placeholder />}>
          <MoreActs instance={instance} open={open} places={data.places} />
        </Suspense>
      )}
      <CancelInstance instance={instance} />
    </>
  );
}

/** Below the summary: that the instance stands still, and each proposal that is open. */
export function Steered({ instance }: { instance: Instance }) {
  const say = useWords();
  const { data } = useActs(instance);
  const open = data?.proposals.filter((one) => one.state === "proposed" && one.expires_at > data.as_of);
  return (
    <>
      {instance.test && (
        <p className="row">
          <Tag>{say("instances.test")}</Tag>
          <span>{say("instances.test.means")}</span>
        </p>
      )}
      {instance.suspended !== "" && instance.suspended_at !== null && (
        <p className="row" role="status">
          <Tag tone="soon" icon="clock">
            {say("steering.suspended")}
          </Tag>
          <span>{say(`steering.suspended.${instance.suspended}`)}</span>
          <Time at={instance.suspended_at} />
        </p>
      )}
      {data && open && open.length > 0 && (
        <Suspense fallback={<Placeholder />}>
          {open.map((one) => (
            <ProposalPane key={one.id} proposal={one} />
          ))}
        </Suspense>
      )}
    </>
  );
}

/** Asked of an instance that runs alone: nothing can be done with one that is over. */
function useActs(instance: Instance) {
  return useQuery({ ...actsQuery(instance.id), enabled: instance.status === "active" });
}

function isAsked(one: ActOf): one is ActOf & { readonly act: Asked } {
  return (ASKED as readonly string[]).includes(one.act);
}
