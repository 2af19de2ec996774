/** One's own review: whether one may, the verdict and the reason, what is signed, and what came of it. */
import { useEffect, useRef, useState } from "react";
import { ProblemError } from "../../api/client";
import { type KeptDraft, useDraft, useKeptDraft } from "../../api/drafts";
import { useMe } from "../../api/session";
import { NotSigned, useWays } from "../../api/signing";
import {
  AreaField,
  Button,
  FieldDiff,
  Icon,
  Loading,
  problemOf,
  QueryView,
  RadioField,
  ServerWords,
  SignBox,
  type SignProof,
  type SignState,
  Time,
  useReasonWords,
  WriteProblem,
} from "../../design";
import { useWords } from "../../i18n";
import { DraftState } from "../../shell/DraftState";
import { draftOfReview, type ReviewDraft, type Verdict } from "./drafts";
import { useStatusWords, useVersionWords } from "./parts";
import { leafText } from "./Reviews";
import { type Change, nameOf, type Refused, type Standing } from "./reading";
import { type Recorded, useReview } from "./sending";

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
  const isAuthor = own !== undefined && change.authors.includes(own) && change.open;
  const words = useReasonWords()(refused?.reason ?? "");
  return (
    <div className="stack tight">
      <p className="server-said">
        <Icon name="lock" />
        <span>{isAuthor ? say("changes.decision.own") : words && `${words.what} ${words.act}`}</span>
      </p>
      {refused !== null && (
        <p className="small muted">
          <ServerWords text={refused.detail} wording={refused.wording} className="inline" />
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
  const kept = useKeptDraft(draftOfReview(props.change.id));
  return (
    <QueryView query={kept} lines={4}>
      {(found) => <Form {...props} kept={found} />}
    </QueryView>
  );
}

function Form({ change, standing, onGiven, kept }: FormProps & { kept: KeptDraft<ReviewDraft> }) {
  const say = useWords();
  const hand = useDraft(draftOfReview(change.id), kept, NOTHING);
  const { verdict, reason } = hand.draft;
  // What was on screen when this was opened, or when it was said to be read: the review is of that, and of nothing else.
  const [read, setRead] = useState(change.digest);
  const isMoved = read !== change.digest;
  const review = useReview(change.id);
  const { acts } = standing;
  const refusedOf = { approve: acts.approve, "request changes": acts.request_changes, refuse: acts.refuse };
  const needsReason = verdict !== null && verdict !== "approve";
  const missing = isMoved
    ? "changes.moved.first"
    : needsReason && reason.trim() === ""
      ? "changes.reason-first"
      : null;
  const give = (proof: SignProof | null) => {
    if (verdict === null || missing !== null || review.isPending) return;
    review.give({ verdict, reason, digest: read, revision: change.revision }, proof, (receipt) => {
      void hand.drop();
      onGiven(receipt);
    });
  };
  return (
    <div className="stack">
      <DraftState
        inHand={hand}
        isEmpty={verdict === null && reason === ""}
        summary={(other) =>
          [other.verdict === null ? "" : say(WORDS[other.verdict]), other.reason].filter(Boolean).join(": ")
        }
      />
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
          wording: refusedOf[id]?.wording ?? null,
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
      {review.error && <Changed error={review.error} change={change} standing={standing} />}
      {verdict === "request changes" ? (
        <>
          {review.error && <WriteProblem problem={problemOf(review.error)} />}
          <div className="row">
            <Button
              kind="primary"
              busy={review.isPending}
              disabled={missing !== null}
              onPress={() => give(null)}
            >
              {say("changes.verdict.ask")}
            </Button>
            {missing !== null && <span className="small muted">{say(missing)}</span>}
          </div>
        </>
      ) : (
        verdict !== null && (
          <Signing
            change={change}
            standing={standing}
            said={{ verdict, reason, digest: read }}
            state={stateOf(review)}
            incomplete={missing === null ? undefined : say(missing)}
            onSign={give}
          />
        )
      )}
    </div>
  );
}

function stateOf(review: { isPending: boolean; error: Error | null }): SignState {
  if (review.isPending) return { phase: "busy" };
  if (review.error === null || review.error instanceof NotSigned) return { phase: "ready" };
  return { phase: "refused", problem: problemOf(review.error) };
}

interface SigningProps {
  change: Change;
  standing: Standing;
  said: { readonly verdict: "approve" | "refuse"; readonly reason: string; readonly digest: string };
  state: SignState;
  incomplete: string | undefined;
  onSign: (proof: SignProof) => void;
}

/** What is signed: the verdict, the reason, and the digest of exactly what is on screen. */
function Signing({ change, standing, said, state, incomplete, onSign }: SigningProps) {
  const say = useWords();
  const versionWords = useVersionWords();
  const { person, actor } = useMe();
  const ways = useWays();
  const box = useRef<HTMLDivElement>(null);
  const isReady = ways !== undefined;
  useEffect(() => {
    if (isReady) box.current?.scrollIntoView({ block: "nearest" });
  }, [isReady]);
  if (ways === undefined) return <Loading lines={3} />;
  const own = standing.reviewers.find((one) => one.person === person?.id);
  const reason = said.reason.trim();
  const isLast = change.approvals + 1 >= change.approvals_needed;
  return (
    <div ref={box}>
      <SignBox
        statement={say(reason === "" ? `changes.sign.${said.verdict}-bare` : `changes.sign.${said.verdict}`, {
          title: change.title,
          name: change.name,
          version: versionWords(change),
          reason,
        })}
        consequence={say(
          said.verdict === "refuse"
            ? "changes.sign.closes"
            : isLast
              ? "changes.sign.approved"
              : "changes.sign.more-needed",
        )}
        digest={said.digest}
        meaning={say(said.verdict === "approve" ? "changes.sign.approval" : "changes.sign.refusal")}
        signer={{
          name: person?.name ?? person?.ref ?? String(actor.id),
          capacity: own?.roles.map((role) => role.title).join(", ") ?? "",
          login: person?.ref ?? "",
        }}
        methods={ways.methods}
        needsCode={ways.needsCode}
        state={state}
        action={say(
          said.verdict === "approve" ? "changes.sign.action-approve" : "changes.sign.action-refuse",
        )}
        incomplete={incomplete}
        onSign={onSign}
      />
    </div>
  );
}

const NOTHING: ReviewDraft = { verdict: null, reason: "" };
const VERDICTS = ["approve", "request changes", "refuse"] as const;
const WORDS = {
  approve: "changes.verdict.approve",
  "request changes": "changes.verdict.ask",
  refuse: "changes.verdict.refuse",
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

/** Who or what was first, and which fields changed since they were read. What was typed stays. */
function Changed({ error, change, standing }: { error: unknown; change: Change; standing: Standing }) {
  const say = useWords();
  const statusWords = useStatusWords();
  const conflict = conflictOf(error);
  if (conflict === null) return null;
  return (
    <div className="stack tight" role="status">
      {conflict.changed !== null && conflict.changed.length > 0 && (
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
      {!change.open && (
        <p className="small">{say("changes.conflict.closed", { status: statusWords(change.status) })}</p>
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
