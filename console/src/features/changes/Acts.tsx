/** What can be done to a change request beside reviewing it: mend it, put it into review, put it in force, take it back. */
import { client, given } from "../../api/client";
import { Button, ButtonLink, Dialog, problemOf, useAsking, WriteProblem } from "../../design";
import { useWords } from "../../i18n";
import type { Change, Standing } from "./reading";
import { type Recorded, useCommand } from "./sending";

type Asked = "submit" | "withdraw" | "release";

/** The buttons this person can use now; each that cannot be undone asks once more. */
export function Acts({ change, standing }: { change: Change; standing: Standing }) {
  const say = useWords();
  const asking = useAsking();
  const ask = (asked: Asked) => asking((close) => <Confirm asked={asked} change={change} onClose={close} />);
  const { acts } = standing;
  return (
    <>
      {acts.edit === null && (
        <ButtonLink href={`/changes/${change.id}/edit`}>{say("changes.act.edit")}</ButtonLink>
      )}
      {acts.withdraw === null && (
        <Button onPress={() => ask("withdraw")}>{say("changes.act.withdraw")}</Button>
      )}
      {acts.submit === null && (
        <Button kind="primary" onPress={() => ask("submit")}>
          {say("changes.act.submit")}
        </Button>
      )}
      {acts.release === null && (
        <Button kind="primary" icon="play" onPress={() => ask("release")}>
          {say("changes.act.release")}
        </Button>
      )}
    </>
  );
}

/** What follows, and the button that does it. */
function Confirm({ asked, change, onClose }: { asked: Asked; change: Change; onClose: () => void }) {
  const say = useWords();
  const path = { path: { id: change.id } };
  const send = useCommand(change.id, (what: Asked): Promise<Recorded> => {
    if (what === "release") return given(client.POST("/v1/change-requests/{id}/release", { params: path }));
    const body = { expected_revision: change.revision };
    return given(
      what === "submit"
        ? client.POST("/v1/change-requests/{id}/submission", { params: path, body })
        : client.POST("/v1/change-requests/{id}/withdrawal", { params: path, body }),
    );
  });
  return (
    <Dialog
      title={say(`changes.confirm.${asked}`)}
      isOpen
      busy={send.isPending}
      onClose={onClose}
      actions={
        <>
          <Button disabled={send.isPending} onPress={onClose}>
            {say("changes.confirm.back")}
          </Button>
          <Button
            kind={asked === "withdraw" ? "danger" : "primary"}
            busy={send.isPending}
            onPress={() => send.mutate(asked, { onSuccess: onClose })}
          >
            {say(`changes.act.${asked}`)}
          </Button>
        </>
      }
    >
      <p>{say(`changes.confirm.${asked}.detail`, { title: change.title, to: change.base_version + 1 })}</p>
      {send.error && <WriteProblem problem={problemOf(send.error)} />}
    </Dialog>
  );
}
