/** One act on the instances that are ticked: what it means for them, why, and one command for all. */
import { Button, useAsking } from "../../design";
import { useWords } from "../../i18n";
import type { Asked } from "./BulkStanding";
import { type BulkAct, startBulk } from "./bulk";
import type { InstanceListed } from "./queries";
import { ReasonDialog } from "./ReasonDialog";

export interface BulkActsProps {
  rows: readonly InstanceListed[];
  acts: readonly BulkAct[];
  onStarted: (asked: Asked) => void;
}

/** A button for each act that some of them can be meant by; what is over is left out, and that is said. */
export default function BulkActs({ rows, acts, onStarted }: BulkActsProps) {
  const say = useWords();
  const ask = useAsking();
  const over = rows.filter((row) => row.status !== "active").length;
  return (
    <div className="row no-print">
      {acts.map((one) => {
        const these = meant(rows, one);
        const count = these.length;
        return (
          <Button
            key={one}
            {...(one === "cancel" ? { kind: "danger" as const } : {})}
            disabled={count === 0}
            onPress={() =>
              ask((close) => (
                <AskDialog
                  act={one}
                  rows={these}
                  onClose={close}
                  onStarted={(asked) => {
                    close();
                    onStarted(asked);
                  }}
                />
              ))
            }
          >
            {say(`steering.bulk.act.${one}`, { count })}
          </Button>
        );
      })}
      {over > 0 && <span className="small">{say("steering.bulk.left-out", { count: over })}</span>}
    </div>
  );
}

/** Those that an act can be meant for: running ones, and of these what stands still or does not. */
function meant(rows: readonly InstanceListed[], act: BulkAct): readonly InstanceListed[] {
  const active = rows.filter((row) => row.status === "active");
  if (act === "cancel") return active;
  return active.filter((row) => (row.suspended_at === null) === (act === "suspend"));
}

function AskDialog(props: {
  act: BulkAct;
  rows: readonly InstanceListed[];
  onClose: () => void;
  onStarted: (asked: Asked) => void;
}) {
  const say = useWords();
  const { act, rows } = props;
  const items = rows.map((row) => row.id);
  return (
    <ReasonDialog
      title={say(`steering.bulk.act.${act}`, { count: rows.length })}
      not={say("steering.not")}
      danger={act === "cancel"}
      about={`${act} ${items.join(" ")}`}
      send={(reason) => startBulk({ act, items, reason })}
      onDone={({ bulk, total, receipt }) => {
        const keys = new Map<string, unknown>(rows.map((row) => [row.id, row.business_key]));
        props.onStarted({ act, bulk, total, index: receipt.index, keys });
      }}
      onClose={props.onClose}
    >
      <p>{say(act === "cancel" ? "steering.bulk.cancel.means" : `steering.means.${act}`)}</p>
      <p>{say("steering.bulk.each")}</p>
    </ReasonDialog>
  );
}
