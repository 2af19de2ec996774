/** A checkpoint that somebody kept, held against the one of now: is the log still the one they saw? */
import { useMutation, useQuery } from "@tanstack/react-query";
import { useState } from "react";
import { AreaField, Button, ProblemState, problemOf } from "../../design";
import { useFormats, useWords } from "../../i18n";
import { type Kept as Judgement, judgeKept, type Receipt, readCheckpoint } from "../../verify/entry_proof";
import { BrokenInput } from "../../verify/fault";
import { parseCheckpoint, parseNote } from "../../verify/note";
import { CheckLine } from "../assurance/parts";
import { faultOfVkey, usePinned } from "../assurance/pinned";
import { consistencyPath, keysAt } from "./proving";
import { keysQuery, standingQuery } from "./queries";

interface Judged {
  readonly judgement: Judgement;
  readonly kept: number;
  readonly now: number;
}

/** The box, and what came of what was pasted. */
export function Kept({ receipt }: { receipt: Receipt }) {
  const say = useWords();
  const [text, setText] = useState("");
  const judge = useJudge(receipt);
  const isUnreadable = judge.error instanceof BrokenInput;
  return (
    <section className="stack tight no-print" aria-labelledby="kept">
      <h2 id="kept">{say("kept.title")}</h2>
      <form
        className="stack tight"
        onSubmit={(event) => {
          event.preventDefault();
          if (text.trim() !== "") judge.mutate(text);
        }}
      >
        <AreaField
          label={say("kept.note")}
          hint={say("kept.hint")}
          mono
          rows={4}
          maxLength={20_000}
          value={text}
          onChange={(value) => {
            setText(value);
            judge.reset();
          }}
          error={isUnreadable ? say("kept.unreadable", { fault: String(judge.error?.message) }) : undefined}
        />
        <div className="row">
          <Button type="submit" busy={judge.isPending}>
            {say("kept.check")}
          </Button>
        </div>
      </form>
      <div role="status">
        {judge.data && <Told judged={judge.data} />}
        {judge.error && !isUnreadable && <ProblemState problem={problemOf(judge.error)} />}
      </div>
    </section>
  );
}

function useJudge(receipt: Receipt) {
  const [pinned] = usePinned();
  const known = useQuery(keysQuery).data;
  const standing = useQuery(standingQuery).data;
  return useMutation({
    mutationFn: async (text: string): Promise<Judged> => {
      const key = pinned.trim() === "" || faultOfVkey(pinned) !== undefined ? null : pinned;
      const read = (note: string) => {
        const { size } = parseCheckpoint(parseNote(note).text);
        return readCheckpoint(note, keysAt(size, key, known ?? { items: [], lists: [] }, standing));
      };
      // What is pasted loses its last newline easily; a note has exactly one.
      const kept = read(`${text.replaceAll("\r\n", "\n").trimEnd()}\n`);
      const now = read(receipt.checkpoint);
      const isAsked = kept.origin === now.origin && kept.size <= now.size;
      const path = isAsked ? await consistencyPath(kept.size, now.size) : null;
      return { judgement: judgeKept(kept, now, path), kept: kept.size, now: now.size };
    },
  });
}

const WORDS = {
  consistent: "kept.consistent",
  "other log": "kept.other-log",
  "log shorter": "kept.shorter",
  "no proof": "kept.no-proof",
  "not consistent": "kept.not-consistent",
  "kept not signed": "kept.not-signed",
  "now not signed": "kept.now-not-signed",
} as const;

function Told({ judged }: { judged: Judged }) {
  const say = useWords();
  const formats = useFormats();
  const sizes = { kept: formats.number(judged.kept), now: formats.number(judged.now) };
  return (
    <ul className="checks">
      <CheckLine
        state={judged.judgement === "consistent" ? "held" : "failed"}
        title={say(WORDS[judged.judgement], sizes)}
      />
    </ul>
  );
}
