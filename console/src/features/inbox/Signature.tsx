/** The ceremony: what is signed, in words and to the letter, what follows, and how it is signed. */
import { useEffect } from "react";
import { useMe } from "../../api/session";
import { useWays } from "../../api/signing";
import { Loading, ServerWords, SignBox, type SignState, visible } from "../../design";
import { useFocusIfLost } from "../../design/focus_back";
import { useWords } from "../../i18n";
import type { Draft } from "./draft";
import type { Deciding } from "./signing";
import type { Task } from "./tasks";
import { label } from "./value_text";

export interface SignatureProps {
  task: Task;
  deciding: Deciding;
  draft: Draft;
  /** What is shown is another than what was stated: nothing is signed until that was read. */
  isMoved: boolean;
}

const OFFICE = "office:"; // before the office in whose capacity somebody signs

/** The box, with the server's own words of the statement below it. */
export function Signature({ task, deciding, draft, isMoved }: SignatureProps) {
  const say = useWords();
  const { person, actor } = useMe();
  const ways = useWays(task.methods);
  // The button that led here went with it.
  const box = useFocusIfLost<HTMLDivElement>();
  const { stated } = deciding;
  useEffect(() => {
    box.current?.scrollIntoView({ block: "nearest" });
  }, [box]);
  if (stated === null) return null;
  const { statement } = stated;
  const next = task.choices.find((choice) => choice.outcome === statement.outcome)?.next;
  const name = person?.name ?? person?.ref ?? String(actor.id);
  const office = statement.capacity.startsWith(OFFICE) ? statement.capacity.slice(OFFICE.length) : null;
  return (
    <div ref={box} className="stack tight" tabIndex={-1}>
      {ways === undefined ? (
        <Loading lines={3} />
      ) : (
        <SignBox
          statement={say(draft.reason.trim() === "" ? "task.sign.statement-bare" : "task.sign.statement", {
            outcome: label(statement.outcome),
            step: label(task.title),
            instance: keyText(task),
            blueprint: task.blueprint_title,
            version: task.version,
            reason: draft.reason.trim(),
          })}
          consequence={
            next == null ? (
              say("task.sign.ends")
            ) : (
              <>
                {say("task.sign.follows")} <ServerWords text={next.words} wording={next.wording} />
              </>
            )
          }
          digest={stated.digest}
          meaning={statement.meaning}
          signer={{
            name,
            capacity:
              office === null ? say("task.sign.own") : say("task.sign.office", { office: label(office) }),
            login: person?.ref ?? "",
          }}
          methods={ways.methods}
          needsCode={ways.needsCode}
          state={stateOf(deciding)}
          action={say("task.sign.action")}
          incomplete={isMoved ? say("task.moved.first") : undefined}
          blocked={ways.methods.length === 0 ? say("task.sign.no-passkey") : undefined}
          onSign={(proof) => void deciding.complete(proof)}
        />
      )}
      <details className="small">
        <summary>{say("task.sign.words")}</summary>
        <p className="server-words" lang="en">
          {stated.words}
        </p>
      </details>
    </div>
  );
}

/** The business key where this person may read it, else the id of the instance. */
export function keyText(task: { business_key: unknown; instance: string }): string {
  return typeof task.business_key === "string" || typeof task.business_key === "number"
    ? visible(String(task.business_key))
    : task.instance;
}

function stateOf({ step, problem }: Deciding): SignState {
  if (step === "sending") return { phase: "busy" };
  return problem === null ? { phase: "ready" } : { phase: "refused", problem };
}
