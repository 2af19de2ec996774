/** What became of what was asked for together: asked, recovered, held again, turned down; counted truly, each told. */
import { useQuery } from "@tanstack/react-query";
import { Link } from "react-router";
import { Button, Tag, type Tone } from "../../design";
import { useWords } from "../../i18n";
import { KeyText } from "../instances/Shown";
import { type Batch, incidentsQuery, type Standing, standingOf } from "./queries";

const LOOK_AGAIN = 4_000; // ms, while something is under way

const TONES: Readonly<Record<Standing, Tone>> = {
  proposed: "soon",
  refused: "bad",
  "under-way": "soon",
  "held-again": "bad",
  recovered: "good",
  skipped: "neutral",
  unknown: "neutral",
};

/** The pane above the list, until it is closed. */
export function BatchStanding({ batch, onClose }: { batch: Batch; onClose: () => void }) {
  const say = useWords();
  const ids = [...batch.answers.keys()];
  const isProposed = ids.every((id) => batch.answers.get(id) === "proposed");
  const instance = ids.length === 1 ? ids[0]?.split(".")[0] : undefined;
  const query = incidentsQuery({ state: "any", ...(instance === undefined ? {} : { instance }) });
  const list = useQuery({
    ...query,
    refetchInterval: ({ state }) =>
      ids.some((id) => standingOf(batch, id, state.data?.items ?? []) === "under-way") ? LOOK_AGAIN : false,
  });
  const listed = list.data?.items ?? [];
  const standings = ids.map((id) => ({ id, standing: standingOf(batch, id, listed) }));
  const counts = (
    ["recovered", "skipped", "proposed", "under-way", "held-again", "refused", "unknown"] as const
  )
    .map((standing) => ({ standing, count: standings.filter((one) => one.standing === standing).length }))
    .filter(({ count }) => count > 0);
  return (
    <section className="pane stack tight" aria-label={say("incidents.batch")}>
      <div className="row apart">
        <h2>{say(`incidents.batch.${isProposed ? "proposed" : batch.how}`, { count: ids.length })}</h2>
        <Button kind="plain" icon="close" iconOnly small onPress={onClose}>
          {say("dialog.close")}
        </Button>
      </div>
      <p className="row" role="status">
        {list.data === undefined
          ? say("state.loading")
          : counts.map(({ standing, count }) => (
              <Tag key={standing} tone={TONES[standing]}>
                {say(`incidents.batch.count.${standing}`, { count })}
              </Tag>
            ))}
      </p>
      <details>
        <summary>{say("incidents.batch.each")}</summary>
        <ul className="batch">
          {standings.map(({ id, standing }) => {
            const answer = batch.answers.get(id);
            return (
              <li key={id} className="row">
                <Link to={`/instances/${id.split(".")[0]}?tab=timeline`}>
                  <KeyText value={listed.find((one) => one.id === id)?.business_key ?? id} />
                </Link>
                <Tag tone={TONES[standing]}>{say(`incidents.batch.one.${standing}`)}</Tag>
                {typeof answer === "object" && (
                  <span className="server-words" lang="en">
                    {answer.detail}
                  </span>
                )}
              </li>
            );
          })}
        </ul>
      </details>
    </section>
  );
}
