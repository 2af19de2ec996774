/** Ending an instance before its time: asked for only of who may, with a reason that is recorded. */
import { useQueryClient } from "@tanstack/react-query";
import { client, given } from "../../api/client";
import { useMay } from "../../api/session";
import { Button, useAsking } from "../../design";
import { useWords } from "../../i18n";
import type { Instance } from "./queries";
import { ReasonDialog } from "./ReasonDialog";

/** The button and its question; nothing where this person may not, or nothing is left to cancel. */
export function CancelInstance({ instance }: { instance: Instance }) {
  const say = useWords();
  const may = useMay();
  const ask = useAsking();
  if (instance.status !== "active" || !may("instance:cancel")) return null;
  return (
    <Button
      kind="danger"
      icon="stop"
      onPress={() =>
        ask((close) => <CancelDialog id={instance.id} open={instance.tasks.length} onClose={close} />)
      }
    >
      {say("instances.cancel")}
    </Button>
  );
}

function CancelDialog({ id, open, onClose }: { id: string; open: number; onClose: () => void }) {
  const say = useWords();
  const queries = useQueryClient();
  return (
    <ReasonDialog
      title={say("instances.cancel.title")}
      act={say("instances.cancel")}
      not={say("instances.cancel.keep")}
      danger
      about={id}
      send={(reason) =>
        given(
          client.POST("/v1/process-instances/{id}/cancellation", {
            params: { path: { id } },
            body: { reason },
          }),
        )
      }
      onDone={async () => {
        await queries.invalidateQueries({ queryKey: ["instance", id] });
        onClose();
      }}
      onClose={onClose}
    >
      <p>{say("instances.cancel.means", { count: open })}</p>
    </ReasonDialog>
  );
}
