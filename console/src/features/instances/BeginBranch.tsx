/** Beginning one of the branches of a step that people do in any order, and what else may become of them. */

import { useQueryClient } from "@tanstack/react-query";
import { client, given } from "../../api/client";
import { useMay } from "../../api/session";
import { useWrite } from "../../api/writing";
import { Button, problemOf, WriteProblem } from "../../design";
import { useWords } from "../../i18n";
import { BranchActs } from "./BranchActs";
import type { Instance } from "./queries";

type Live = Instance["steps"][number];

/** A button for each branch that may be begun, begun again or passed over now; nothing where this person may not. */
export function BeginBranch(props: { instance: Instance; title: (step: string) => string }) {
  const may = useMay();
  const forks = props.instance.steps.filter(
    (step) => step.to_begin.length + step.to_repeat.length + step.to_pass_over.length > 0,
  );
  if (forks.length === 0 || !may("task:claim")) return null;
  return forks.map((fork) => <Branches key={fork.number} fork={fork} {...props} />);
}

function Branches(props: { instance: Instance; fork: Live; title: (step: string) => string }) {
  const { instance, fork, title } = props;
  const say = useWords();
  const queries = useQueryClient();
  const begin = useWrite({
    send: (branch: string) =>
      given(
        client.POST("/v1/process-instances/{id}/branches", {
          params: { path: { id: instance.id } },
          body: { activation: fork.number, branch },
        }),
      ),
    onSettled: () => queries.invalidateQueries({ queryKey: ["instance", instance.id] }),
  });
  const begins = fork.to_begin.length > 0;
  const heading = say(begins ? "instances.begin.title" : "instances.begin.what-else", {
    step: title(fork.step),
  });
  return (
    <section className="stack tight" aria-label={heading}>
      <h2 className="small">{heading}</h2>
      {begins && (
        <div className="row">
          {fork.to_begin.map((branch) => (
            <Button key={branch} icon="play" busy={begin.isPending} onPress={() => begin.mutate(branch)}>
              {title(branch)}
            </Button>
          ))}
        </div>
      )}
      <BranchActs {...props} />
      {begin.error && <WriteProblem problem={problemOf(begin.error)} />}
    </section>
  );
}
