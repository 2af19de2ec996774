/** Beginning one of the branches of a step that people do in any order, one after the other. */
import { useMutation, useQueryClient } from "@tanstack/react-query";
import { useState } from "react";
import { client, commandId, given } from "../../api/client";
import { useMay } from "../../api/session";
import { Button, ProblemState, problemOf } from "../../design";
import { useWords } from "../../i18n";
import type { Instance } from "./queries";

type Live = Instance["steps"][number];

/** A button for each branch that may be begun now; nothing where there is none, or where this person may begin none. */
export function BeginBranch(props: { instance: Instance; title: (step: string) => string }) {
  const may = useMay();
  const forks = props.instance.steps.filter((step) => step.to_begin.length > 0);
  if (forks.length === 0 || !may("task:claim")) return null;
  return forks.map((fork) => <Branches key={fork.number} fork={fork} {...props} />);
}

function Branches(props: { instance: Instance; fork: Live; title: (step: string) => string }) {
  const { instance, fork, title } = props;
  const say = useWords();
  const queries = useQueryClient();
  const [command, setCommand] = useState(commandId);
  const begin = useMutation({
    mutationFn: (branch: string) =>
      given(
        client.POST("/v1/process-instances/{id}/branches", {
          params: { path: { id: instance.id }, header: { "Idempotency-Key": command } },
          body: { activation: fork.number, branch },
        }),
      ),
    onSettled: async () => {
      setCommand(commandId());
      await queries.invalidateQueries({ queryKey: ["instance", instance.id] });
    },
  });
  return (
    <section className="stack tight" aria-label={say("instances.begin.title", { step: title(fork.step) })}>
      <h2 className="small">{say("instances.begin.title", { step: title(fork.step) })}</h2>
      <div className="row">
        {fork.to_begin.map((branch) => (
          <Button key={branch} icon="play" busy={begin.isPending} onPress={() => begin.mutate(branch)}>
            {title(branch)}
          </Button>
        ))}
      </div>
      {begin.error && <ProblemState problem={problemOf(begin.error)} />}
    </section>
  );
}
