/** Taking several tasks at once. */

import { isSignedOut } from "../../api/queries";
import { useWrite } from "../../api/writing";
import {
  Button,
  Icon,
  type Problem,
  ProblemWords,
  problemOf,
  useReasonWords,
  visible,
  WriteProblem,
} from "../../design";
import { useWords } from "../../i18n";
import { type Listed, TAKEN_AT_ONCE, takeMany, useRead } from "./tasks";
import { label } from "./value_text";

interface Refused {
  readonly id: string;
  readonly title: string;
  readonly problem: Problem;
}

interface Taken {
  readonly count: number;
  readonly refused: readonly Refused[];
  /** Why no more were asked for, where some were asked for already. */
  readonly ended: unknown;
}

/** What is taken is told by its title and its instance: many have one title. */
function titleOf({ title, business_key: key }: Listed): string {
  return typeof key === "string" ? `${label(title)}, ${visible(key)}` : label(title);
}

/** Takes them in as many requests as it needs. Without any answer it is an error, as of any write. */
async function takeAll(rows: readonly Listed[]): Promise<Taken> {
  const refused: Refused[] = [];
  let answered = 0;
  while (answered < rows.length) {
    const some = rows.slice(answered, answered + TAKEN_AT_ONCE);
    try {
      const { items } = await takeMany(some);
      for (const row of some) {
        const why = items.find((one) => one.task === row.id)?.refused;
        if (why != null) refused.push({ id: row.id, title: titleOf(row), problem: problemOf(why) });
      }
    } catch (error) {
      if (answered === 0 || isSignedOut(error)) throw error;
      return { count: answered - refused.length, refused, ended: error };
    }
    answered += some.length;
  }
  return { count: answered - refused.length, refused, ended: null };
}

/**
 * Takes the ticked tasks, each by itself. How many were taken, and why others were not, is told when they have left the
 * list, and when nothing is left on it. What is voted on is left out.
 */
export default function TakeTicked(props: { rows: readonly Listed[]; onDone: () => void }) {
  const { onDone } = props;
  const rows = props.rows.filter((row) => !row.is_voted);
  const voted = props.rows.length - rows.length;
  const say = useWords();
  const read = useRead();
  const take = useWrite({
    send: () => takeAll(rows),
    onSettled: async (taken) => {
      await read();
      if (taken?.refused.length === 0 && taken.ended === null) onDone();
    },
  });
  const { data } = take;
  const problem = take.error ?? data?.ended ?? null;
  return (
    <div className="stack tight">
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
          {problem !== null && <WriteProblem problem={problemOf(problem)} />}
        </div>
      )}
      <div role="status" className="stack tight small">
        {data !== undefined && data.count > 0 && <p>{say("inbox.taken", { count: data.count })}</p>}
        {data?.refused.map(({ id, title, problem }) => (
          <p key={id} className="row taken-not">
            <Icon name="warning" />
            <span>
              {title}: <Why problem={problem} />
            </span>
          </p>
        ))}
      </div>
    </div>
  );
}

/** Why one was not taken. That its revision is another says nothing to people: it was somebody else's act. */
function Why({ problem }: { problem: Problem }) {
  const words = useReasonWords()(problem.reason);
  if (problem.reason === "STALE_REVISION" && words !== undefined) return <span>{words.what}</span>;
  return <ProblemWords problem={problem} />;
}
