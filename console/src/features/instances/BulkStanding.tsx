/** What became of an act on many instances: counted as the record counts it, and each told. */
import { useQuery, useQueryClient } from "@tanstack/react-query";
import { useEffect } from "react";
import { Link } from "react-router";
import { Button, ProblemState, problemOf, Tag, type Tone, useReasonWords } from "../../design";
import { useFocusIfLost } from "../../design/focus_back";
import { useWords } from "../../i18n";
import { type BulkAct, type BulkItem, bulkQuery } from "./bulk";
import { KeyText } from "./Shown";

const STATES = ["done", "proposed", "refused", "waiting"] as const;
const TONES: Readonly<Record<BulkItem["state"], Tone>> = {
  done: "good",
  proposed: "soon",
  refused: "bad",
  waiting: "neutral",
};

export interface Asked {
  readonly act: BulkAct;
  readonly bulk: string;
  readonly total: number;
  /** The entry by which it was asked for. */
  readonly index: number;
  /** The business keys of the instances by their ids, as far as they were seen. */
  readonly keys: ReadonlyMap<string, unknown>;
}

/** The pane above the list, until it is closed. */
export default function BulkStanding({ asked, onClose }: { asked: Asked; onClose: () => void }) {
  const say = useWords();
  const words = useReasonWords();
  const heading = useFocusIfLost<HTMLHeadingElement>();
  const queries = useQueryClient();
  const told = useQuery(bulkQuery(asked.bulk));
  const bulk = told.data;
  const reached = bulk === undefined ? 0 : bulk.total - bulk.waiting;
  useEffect(() => {
    if (reached > 0) void queries.invalidateQueries({ queryKey: ["instances"] });
  }, [queries, reached]);
  return (
    <section className="pane stack tight" aria-label={say("steering.bulk")}>
      <div className="row apart">
        <h2 ref={heading} tabIndex={-1}>
          {say(`steering.bulk.act.${asked.act}`, { count: asked.total })}
        </h2>
        <Button kind="plain" icon="close" iconOnly small onPress={onClose}>
          {say("dialog.close")}
        </Button>
      </div>
      <p className="row" role="status">
        {bulk === undefined
          ? say("state.loading")
          : STATES.filter((state) => bulk[state] > 0).map((state) => (
              <Tag key={state} tone={TONES[state]}>
                {say(`steering.bulk.count.${state}`, { count: bulk[state] })}
              </Tag>
            ))}
        <Link to={`/ledger/${asked.index}`}>
          {say("steering.bulk.entry", { index: String(asked.index) })}
        </Link>
      </p>
      {told.error && <ProblemState problem={problemOf(told.error)} />}
      {bulk && (
        <details>
          <summary>{say("incidents.batch.each")}</summary>
          <ul className="batch">
            {bulk.items.map((one) => (
              <li key={one.place} className="row">
                <Link to={`/instances/${one.item}`}>
                  <KeyText value={asked.keys.get(one.item) ?? one.item} />
                </Link>
                <Tag tone={TONES[one.state]}>{say(`steering.bulk.one.${one.state}`)}</Tag>
                {one.code !== "" && (
                  <span className="small">
                    {words(one.code)?.what} <span className="mono muted">{one.code}</span>
                  </span>
                )}
              </li>
            ))}
          </ul>
        </details>
      )}
    </section>
  );
}
