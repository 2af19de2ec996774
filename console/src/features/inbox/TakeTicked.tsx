/** Taking several tasks at once. */

import { isSignedOut } from "../../api/queries";
import { useWrite } from "../../api/writing";
import { Button, Icon, type Problem, ProblemWords, problemOf } from "../../design";
import { useWords } from "../../i18n";
import { claim, type Listed, useRead } from "./tasks";
import { label } from "./value_text";

interface Taken {
  readonly count: number;
  readonly refused: readonly { readonly title: string; readonly problem: Problem }[];
}

/** Takes the ticked tasks, each by a command of its own; what was refused says why. What is voted on is left out. */
export default function TakeTicked(props: { rows: readonly Listed[]; onDone: () => void }) {
  const { onDone } = props;
  const rows = props.rows.filter((row) => !row.is_voted);
  const voted = props.rows.length - rows.length;
  const say = useWords();
  const read = useRead();
  const take = useWrite({
    send: async (): Promise<Taken> => {
      const refused: Taken["refused"][number][] = [];
      for (const row of rows) {
        try {
          await claim(row);
        } catch (error) {
          if (isSignedOut(error)) throw error;
          refused.push({ title: label(row.title), problem: problemOf(error) });
        }
      }
      return { count: rows.length - refused.length, refused };
    },
    onSettled: async (taken) => {
      for (const row of rows) await read(row.id);
      if (taken?.refused.length === 0) onDone();
    },
  });
  return (
    <div className="ticked stack tight" role="status">
      <div className="row">
        <Button
          kind="primary"
          small
          busy={take.isPending}
          disabled={rows.length === 0}
          onPress={() => take.mutate()}
        >
          {say("inbox.take", { count: rows.length })}
        </Button>
        <span className="small muted">{say("inbox.take.hint")}</span>
      </div>
      {voted > 0 && <p className="small">{say("inbox.take.voted", { count: voted })}</p>}
      {take.data?.refused.map(({ title, problem }) => (
        <p key={`${title} ${problem.detail}`} className="small row">
          <Icon name="warning" />
          <span>
            {title}: <ProblemWords problem={problem} />
          </span>
        </p>
      ))}
    </div>
  );
}
