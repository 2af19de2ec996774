/** What became of what was asked for together: asked, recovered, held again, turned down; counted truly, each told. */
import { useQuery } from "@tanstack/react-query";
import { ServerWords, type Tone, useReasonWords } from "../../design";
import { useWords } from "../../i18n";
import { bulkQuery } from "../instances/bulk";
import { StandingPane, useReadAgain } from "../instances/StandingPane";
import {
  type Answer,
  answersOf,
  type Batch,
  batchQuery,
  STANDINGS,
  type Standing,
  standingOf,
} from "./queries";

const LOOK_AGAIN = 4_000; // ms, while something is under way

const TONES: Readonly<Record<Standing, Tone>> = {
  proposed: "soon",
  refused: "bad",
  "under-way": "soon",
  "held-again": "bad",
  recovered: "good",
  skipped: "neutral",
  waiting: "neutral",
  unknown: "neutral",
};

/** The pane above the list, until it is closed. */
export function BatchStanding({ batch, onClose }: { batch: Batch; onClose: () => void }) {
  const say = useWords();
  const { how, incidents, bulk } = batch;
  const ids = incidents.map(({ id }) => id);
  const { told, answers } = useAnswers(batch);
  const isProposed = ids.every((id) => batch.answers.get(id) === "proposed");
  const standingIn = (id: string, listed: Parameters<typeof standingOf>[2]) =>
    standingOf({ how, answers: answers ?? new Map() }, id, listed);
  const list = useQuery({
    ...batchQuery(batch),
    refetchInterval: ({ state }) =>
      ids.some((id) => standingIn(id, state.data ?? []) === "under-way") ? LOOK_AGAIN : false,
  });
  const listed = list.data ?? [];
  const standings = ids.map((id) => ({ id, standing: standingIn(id, listed) }));
  const counts = STANDINGS.map((standing) => ({
    standing,
    count: standings.filter((one) => one.standing === standing).length,
  })).filter(({ count }) => count > 0);
  const isTold = list.data !== undefined && answers !== undefined;
  const asked = say("incidents.batch.asked", { how: say(`incidents.how.${how}`), count: ids.length });
  return (
    <StandingPane
      label={say("incidents.batch")}
      title={isProposed ? say("incidents.batch.proposed", { count: ids.length }) : asked}
      counts={
        isTold
          ? counts.map(({ standing, count }) => ({
              state: standing,
              tone: TONES[standing],
              words: say(`incidents.batch.count.${standing}`, { count }),
            }))
          : undefined
      }
      entry={bulk === null ? null : bulk.index}
      error={told.error}
      items={
        isTold
          ? standings.map(({ id, standing }) => ({
              id,
              href: `/instances/${id.split(".")[0]}?tab=timeline`,
              businessKey: incidents.find((one) => one.id === id)?.business_key,
              state: standing,
              tone: TONES[standing],
              words: say(`incidents.batch.one.${standing}`),
              why: <Why answer={answers.get(id)} />,
            }))
          : undefined
      }
      onClose={onClose}
    />
  );
}

/** What was said to each: at once where one was asked for, else what the record says; looked at until all are reached. */
function useAnswers({ bulk, answers }: Batch) {
  const told = useQuery({ ...bulkQuery(bulk?.id ?? ""), enabled: bulk !== null });
  useReadAgain(told.data, "incidents");
  return { told, answers: bulk === null ? answers : told.data && answersOf(told.data) };
}

/** Why one was turned down: in the reader's words, where there are some for the code. */
function Why({ answer }: { answer: Answer | undefined }) {
  const words = useReasonWords();
  if (typeof answer !== "object") return null;
  return (
    <span className="small">
      {words(answer.reason)?.what} <span className="mono muted">{answer.reason}</span>{" "}
      {answer.detail !== "" && <ServerWords text={answer.detail} wording={answer.wording} />}
    </span>
  );
}
