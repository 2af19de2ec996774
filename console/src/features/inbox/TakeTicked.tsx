/** Taking several tasks at once. */

import { isSignedOut } from "../../api/queries";
import { useWrite } from "../../api/writing";
import { Button, Icon, type Problem, ProblemWords, problemOf, visible, WriteProblem } from "../../design";
import { useWords } from "../../i18n";
import { claim, type Listed, useRead } from "./tasks";
import { label } from "./value_text";

interface Taken {
  readonly count: number;
  readonly refused: readonly { readonly id: string; readonly title: string; readonly problem: Problem }[];
}

/** What is taken is told by its title and its instance: many have one title. */
function titleOf({ title, business_key: key }: Listed): string {
  return typeof key === "string" ? `${label(title)}, ${visible(key)}` : label(title);
}

/**
 * Takes the ticked tasks, each by a command of its own. How many were taken, and why others were not, is told when they
 * have left the list. What is voted on is left out.
 */
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
          refused.push({ id: row.id, title: titleOf(row), problem: problemOf(error) });
        }
      }
      return { count: rows.length - refused.length, refused };
    },
    onSettled: async (taken) => {
      for (const row of rows) await read(row.id);
      if (taken?.refused.length === 0) onDone();
    },
  });
  const { data } = take;
  return (
    <>
      {(props.rows.length > 0 || take.isPending) && (
        <div className="ticked stack tight">
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
          {take.error !== null && <WriteProblem problem={problemOf(take.error)} />}
        </div>
      )}
      <div role="status" className="stack tight small">
        {data !== undefined && data.count > 0 && <p>{say("inbox.taken", { count: data.count })}</p>}
        {data?.refused.map(({ id, title, problem }) => (
          <p key={id} className="row">
            <Icon name="warning" />
            <span>
              {title}: <ProblemWords problem={problem} />
            </span>
          </p>
        ))}
      </div>
    </>
  );
}
