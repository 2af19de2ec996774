/** What became of an act on many instances: counted as the record counts it, and each told. */
import { useQuery } from "@tanstack/react-query";
import { type Tone, useReasonWords } from "../../design";
import { useWords } from "../../i18n";
import { type BulkAct, type BulkItem, bulkQuery } from "./bulk";
import { StandingPane, useReadAgain } from "./StandingPane";

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
  const told = useQuery(bulkQuery(asked.bulk));
  const bulk = told.data;
  useReadAgain(bulk, "instances");
  return (
    <StandingPane
      label={say("steering.bulk")}
      title={say(`steering.bulk.act.${asked.act}`, { count: asked.total })}
      counts={
        bulk &&
        STATES.filter((state) => bulk[state] > 0).map((state) => ({
          state,
          tone: TONES[state],
          words: say(`steering.bulk.count.${state}`, { count: bulk[state] }),
        }))
      }
      entry={asked.index}
      error={told.error}
      items={bulk?.items.map((one) => ({
        id: String(one.place),
        href: `/instances/${one.item}`,
        businessKey: asked.keys.get(one.item) ?? one.item,
        state: one.state,
        tone: TONES[one.state],
        words: say(`steering.bulk.one.${one.state}`),
        why: one.code !== "" && <Code code={one.code} />,
      }))}
      onClose={onClose}
    />
  );
}

/** Why one was turned down, by its code and in the reader's words where there are some. */
function Code({ code }: { code: string }) {
  const words = useReasonWords();
  return (
    <span className="small">
      {words(code)?.what} <span className="mono muted">{code}</span>
    </span>
  );
}
