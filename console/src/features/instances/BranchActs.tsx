/** What people may do with branches beside beginning them: begin one again, or pass one over, each with a reason. */
import { useQueryClient } from "@tanstack/react-query";
import { client, given } from "../../api/client";
import { Button, useAsking } from "../../design";
import { useWords } from "../../i18n";
import type { Instance } from "./queries";
import { ReasonDialog } from "./ReasonDialog";

type Live = Instance["steps"][number];

interface Asked {
  readonly act: "again" | "over";
  readonly branch: string;
}

interface Props {
  readonly instance: Instance;
  readonly fork: Live;
  readonly title: (step: string) => string;
}

/** A button for each, and its question; nothing where the blueprint lets nobody do it now. */
export function BranchActs(props: Props) {
  const { fork, title } = props;
  const say = useWords();
  const ask = useAsking();
  const acts: readonly Asked[] = [
    ...fork.to_repeat.map((branch) => ({ act: "again" as const, branch })),
    ...fork.to_pass_over.map((branch) => ({ act: "over" as const, branch })),
  ];
  if (acts.length === 0) return null;
  return (
    <div className="row">
      {acts.map((one) => (
        <Button
          key={`${one.act} ${one.branch}`}
          onPress={() => ask((close) => <BranchDialog {...props} asked={one} onClose={close} />)}
        >
          {say(`instances.begin.${one.act}`, { branch: title(one.branch) })}
        </Button>
      ))}
    </div>
  );
}

function BranchDialog(props: Props & { asked: Asked; onClose: () => void }) {
  const { instance, fork, asked, title } = props;
  const say = useWords();
  const queries = useQueryClient();
  const send = (reason: string) => {
    const told = {
      params: { path: { id: instance.id } },
      body: { activation: fork.number, branch: asked.branch, reason },
    };
    return given<unknown>(
      asked.act === "again"
        ? client.POST("/v1/process-instances/{id}/branches/repetition", told)
        : client.POST("/v1/process-instances/{id}/branches/passing-over", told),
    );
  };
  return (
    <ReasonDialog
      title={say(`instances.begin.${asked.act}`, { branch: title(asked.branch) })}
      not={say("instances.begin.not")}
      about={`${asked.act} ${asked.branch} ${instance.id}`}
      send={send}
      onDone={async () => {
        await queries.invalidateQueries({ queryKey: ["instance", instance.id] });
        props.onClose();
      }}
      onClose={props.onClose}
    >
      <p>{say(`instances.begin.${asked.act}.means`)}</p>
    </ReasonDialog>
  );
}
