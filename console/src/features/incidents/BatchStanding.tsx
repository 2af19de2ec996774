/** What became of what was asked for together: asked, recovered, held again, turned down; counted truly, each told. */
import { useQuery, useQueryClient } from "@tanstack/react-query";
import { useEffect } from "react";
import { Link } from "react-router";
import { Button, ProblemState, problemOf, ServerWords, Tag, type Tone, useReasonWords } from "../../design";
import { useFocusIfLost } from "../../design/focus_back";
import { useWords } from "../../i18n";
import { bulkQuery } from "../instances/bulk";
import { KeyText } from "../instances/Shown";
import {
  type Answer,
  answersOf,
  type Batch,
  incidentsQuery,
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
  const heading = useFocusIfLost<HTMLHeadingElement>();
  const { how, ids, bulk } = batch;
  const { told, answers } = useAnswers(batch);
  const isProposed = ids.every((id) => batch.answers.get(id) === "proposed");
  const instance = ids.length === 1 ? ids[0]?.split(".")[0] : undefined;
  const query = incidentsQuery({ state: "any", ...(instance === undefined ? {} : { instance }) });
  const standingIn = (id: string, listed: Parameters<typeof standingOf>[2]) =>
    standingOf({ how, answers: answers ?? new Map() }, id, listed);
  const list = useQuery({
    ...query,
    refetchInterval: ({ state }) =>
      ids.some((id) => standingIn(id, state.data?.items ?? []) === "under-way") ? LOOK_AGAIN : false,
  });
  const listed = list.data?.items ?? [];
  const standings = ids.map((id) => ({ id, standing: standingIn(id, listed) }));
  const counts = STANDINGS.map((standing) => ({
    standing,
    count: standings.filter((one) => one.standing === standing).length,
  })).filter(({ count }) => count > 0);
  const isTold = list.data !== undefined && answers !== undefined;
  const asked = say("incidents.batch.asked", { how: say(`incidents.how.${how}`), count: ids.length });
  return (
    <section className="pane stack tight" aria-label={say("incidents.batch")}>
      <div className="row apart">
        <h2 ref={heading} tabIndex={-1}>
          {isProposed ? say("incidents.batch.proposed", { count: ids.length }) : asked}
        </h2>
        <Button kind="plain" icon="close" iconOnly small onPress={onClose}>
          {say("dialog.close")}
        </Button>
      </div>
      <p className="row" role="status">
        {isTold
          ? counts.map(({ standing, count }) => (
              <Tag key={standing} tone={TONES[standing]}>
                {say(`incidents.batch.count.${standing}`, { count })}
              </Tag>
            ))
          : say("state.loading")}
        {bulk !== null && (
          <Link to={`/ledger/${bulk.index}`}>
            {say("steering.bulk.entry", { index: String(bulk.index) })}
          </Link>
        )}
      </p>
      {told.error && <ProblemState problem={problemOf(told.error)} />}
      {isTold && (
        <details>
          <summary>{say("incidents.batch.each")}</summary>
          <ul className="batch">
            {standings.map(({ id, standing }) => (
              <li key={id} className="row">
                <Link to={`/instances/${id.split(".")[0]}?tab=timeline`}>
                  <KeyText value={listed.find((one) => one.id === id)?.business_key ?? id} />
                </Link>
                <Tag tone={TONES[standing]}>{say(`incidents.batch.one.${standing}`)}</Tag>
                <Why answer={answers.get(id)} />
              </li>
            ))}
          </ul>
        </details>
      )}
    </section>
  );
}

/** What was said to each: at once where one was asked for, else what the record says; looked at until all are reached. */
function useAnswers({ bulk, answers }: Batch) {
  const queries = useQueryClient();
  const told = useQuery({ ...bulkQuery(bulk?.id ?? ""), enabled: bulk !== null });
  const reached = told.data === undefined ? 0 : told.data.total - told.data.waiting;
  useEffect(() => {
    if (reached > 0) void queries.invalidateQueries({ queryKey: ["incidents"] });
  }, [queries, reached]);
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
