/** One's own review: whether one may, the verdict and the reason, what is signed, and what came of it. */
import { useState } from "react";
import { client, given, ProblemError } from "../../api/client";
import { useMe } from "../../api/session";
import {
  AreaField,
  Button,
  FieldDiff,
  Hash,
  Icon,
  ProblemState,
  problemOf,
  QueryView,
  RadioField,
  Time,
} from "../../design";
import { useWords } from "../../i18n";
import { type DraftInHand, type KeptDraft, useDraft, useKeptDraft, type Verdict } from "./drafts";
import { leafText } from "./Reviews";
import { type Change, nameOf, type Refused, type Standing } from "./reading";
import { type Recorded, useCommand } from "./sending";

const REASON_CHARS_MAX = 2_000; // as the server has it

/** The pane. Nobody types before it is known that they may. */
export function Decision({ change, standing }: { change: Change; standing: Standing }) {
  const say = useWords();
  const { acts } = standing;
  const [receipt, setReceipt] = useState<Recorded["receipt"] | null>(null);
  const may = [acts.approve, acts.request_changes, acts.refuse].some((refused) => refused === null);
  return (
    <section className="pane stack" aria-labelledby="decision">
      <h2 id="decision">{say("changes.decision")}</h2>
      {receipt !== null && <Given receipt={receipt} />}
      {may && receipt === null && <Kept change={change} standing={standing} onGiven={setReceipt} />}
      {!may && receipt === null && <Barred change={change} refused={acts.approve} />}
    </section>
  );
}

/** It is on record. */
function Given({ receipt }: { receipt: Recorded["receipt"] }) {
  const say = useWords();
  return (
    <p className="server-said" role="status">
      <Icon name="check" />
      <span>{say("changes.decision.given", { index: String(receipt.index), log: receipt.log })}</span>
    </p>
  );
}

/** Why this person gives no review here, in plain words and in the server's. */
function Barred({ change, refused }: { change: Change; refused: Refused | null }) {
  const say = useWords();
  const own = useMe().person?.id;
  const isAuthor = own !== undefined && change.authors.includes(own);
  return (
    <div className="stack tight">
      {isAuthor && change.open && <p>{say("changes.decision.own")}</p>}
      {refused !== null && (
        <p className="server-said">
          <Icon name="lock" />
          <span className="server-words">{refused.detail}</span>
        </p>
      )}
    </div>
  );
}

interface FormProps {
  change: Change;
  standing: Standing;
  onGiven: (receipt: Recorded["receipt"]) => void;
}

/** The form, once it is known what was typed before. */
function Kept(props: FormProps) {
  const kept = useKeptDraft(props.change.id);
  return (
    <QueryView query={kept} lines={4}>
      {(found) => <Form {...props} kept={found} />}
    </QueryView>
  );
}

function Form({ change, standing, onGiven, kept }: FormProps & { kept: KeptDraft }) {
  const say = useWords();
  const hand = useDraft(change.id, kept);
  const { verdict, reason } = hand.draft;
  // What was on screen when this was opened, or when it was said to be read: the review is of that, and of nothing else.
  const [read, setRead] = useState(change.digest);
  const isMoved = read !== change.digest;
  const send = useCommand(change.id, (what: Verdict, id) =>
    given(
      client.POST("/v1/change-requests/{id}/reviews", {
        params: { path: { id: change.id } },
        headers: { "Idempotency-Key": id },
        body: { verdict: what, digest: read, reason, expected_revision: change.revision },
      }),
    ),
  );
  const { acts } = standing;
  const refusedOf = { approve: acts.approve, "request changes": acts.request_changes, refuse: acts.refuse };
  const needsReason = verdict !== null && verdict !== "approve";
  const isIncomplete = verdict === null || (needsReason && reason.trim() === "") || isMoved;
  return (
    <form
      className="stack"
      onSubmit={(event) => {
        event.preventDefault();
        if (isIncomplete || verdict === null || send.isPending) return;
        send.mutate(verdict, {
          onSuccess: (answer) => {
            hand.end();
            onGiven(answer.receipt);
          },
        });
      }}
    >
      {isMoved && <Moved change={change} standing={standing} onRead={() => setRead(change.digest)} />}
      <RadioField
        label={say("changes.decision.verdict")}
        value={verdict}
        onChange={(id) => hand.change({ verdict: id as Verdict })}
        required
        options={VERDICTS.map((id) => ({
          id,
          label: say(WORDS[id]),
          disabled: refusedOf[id] !== null,
          detail: refusedOf[id]?.detail,
        }))}
      />
      <AreaField
        label={say("changes.decision.reason")}
        hint={say(needsReason ? "changes.decision.reason-needed" : "changes.decision.reason-hint")}
        value={reason}
        onChange={(text) => hand.change({ reason: text })}
        maxLength={REASON_CHARS_MAX}
        required={needsReason}
      />
      <KeepingLine hand={hand} />
      <p className="row small muted">
        {say("changes.decision.content")}
        <Hash value={read} label={say("changes.digest")} />
      </p>
      {send.error && <NotGiven error={send.error} change={change} standing={standing} />}
      <div className="row">
        <Button
          kind={verdict === "refuse" ? "danger" : "primary"}
          type="submit"
          busy={send.isPending}
          disabled={!send.isPending && isIncomplete}
        >
          {say(verdict === null ? "changes.decision.give" : GIVE[verdict])}
        </Button>
      </div>
    </form>
  );
}

const VERDICTS = ["approve", "request changes", "refuse"] as const;
const WORDS = {
  approve: "changes.verdict.approve",
  "request changes": "changes.verdict.ask",
  refuse: "changes.verdict.refuse",
} as const;
const GIVE = {
  approve: "changes.give.approve",
  "request changes": "changes.give.ask",
  refuse: "changes.give.refuse",
} as const;

/** The content was edited while somebody read it: they look again before they say anything about it. */
function Moved({ change, standing, onRead }: { change: Change; standing: Standing; onRead: () => void }) {
  const say = useWords();
  return (
    <div className="notice-line" role="alert">
      <Icon name="warning" />
      <div className="stack tight">
        <p>
          {say("changes.moved", { who: nameOf(standing.people, standing.edited_by), edit: change.edit })}{" "}
          <Time at={standing.edited_at} />
        </p>
        <div className="row">
          <Button small onPress={onRead}>
            {say("changes.moved.read")}
          </Button>
        </div>
      </div>
    </div>
  );
}

/** Where what is typed is kept. */
function KeepingLine({ hand }: { hand: DraftInHand }) {
  const say = useWords();
  if (hand.keeping === "nothing") return null;
  return (
    <p className="row small muted" role="status">
      {say(`changes.draft.${hand.keeping}`)}
      {hand.keeping === "newer" && (
        <Button small onPress={hand.overwrite}>
          {say("changes.draft.overwrite")}
        </Button>
      )}
    </p>
  );
}

/** Why it was not recorded; for a conflict, who or what was first and which fields changed. What was typed stays. */
function NotGiven({ error, change, standing }: { error: unknown; change: Change; standing: Standing }) {
  const say = useWords();
  const conflict = conflictOf(error);
  return (
    <div className="stack tight">
      <ProblemState problem={problemOf(error)} />
      {conflict?.changed && conflict.changed.length > 0 && (
        <>
          <p className="small">
            {say("changes.conflict.fields", {
              count: conflict.changed.length,
              who: nameOf(standing.people, conflict.edited_by),
            })}
          </p>
          <FieldDiff
            beforeTitle={say("changes.conflict.read")}
            afterTitle={say("changes.conflict.now")}
            changes={conflict.changed.map((one) => ({
              field: one.field,
              before: leafText(one.before),
              after: leafText(one.after),
            }))}
          />
        </>
      )}
      {conflict !== null && !change.open && (
        <p className="small">{say("changes.conflict.closed", { status: change.status })}</p>
      )}
    </div>
  );
}

interface Conflict {
  readonly edited_by: string;
  readonly changed:
    | readonly { readonly field: string; readonly before: unknown; readonly after: unknown }[]
    | null;
}

/** What a refusal says of who or what was first; null for any other. */
function conflictOf(error: unknown): Conflict | null {
  const said = error instanceof ProblemError && error.status === 409 ? error.problem.conflict : undefined;
  if (typeof said !== "object" || said === null) return null;
  const { edited_by, changed } = said as Partial<Conflict>;
  return { edited_by: edited_by ?? "", changed: Array.isArray(changed) ? changed : null };
}
