/** Writing a change: a new one, from a file or a text, or another text for one that is under way. */

import { useQuery, useQueryClient } from "@tanstack/react-query";
import { Suspense, useState } from "react";
import { useNavigate, useParams, useSearchParams } from "react-router";
import { client, given } from "../../api/client";
import { type DraftInHand, type KeptDraft, useDraft, useKeptDraft } from "../../api/drafts";
import { useMay } from "../../api/session";
import { useWrite } from "../../api/writing";
import {
  AreaField,
  Button,
  ButtonLink,
  CheckboxField,
  Forbidden,
  Icon,
  Loading,
  ProblemState,
  problemOf,
  QueryView,
  TextField,
  visible,
  WriteProblem,
} from "../../design";
import { useWords } from "../../i18n";
import { DraftState } from "../../shell/DraftState";
import { Page } from "../../shell/Page";
import { draftOfWriting, isSameText, type Written } from "./drafts";
import { changeQuery, standingQuery } from "./reading";
import { SourceField } from "./SourceField";
import { findingsOf, readFile, useSourceCheck } from "./writing";
import "./changes.css";
import { part } from "../../shell/part";

const [TITLE_CHARS_MAX, REASON_CHARS_MAX] = [200, 2_000]; // as the server has them

const SHORT_CHARS = 200; // of a text without a title, to tell it by

/** Only a change that begins from nothing chooses its kind. */
const KindField = part(async () => ({ default: (await import("./KindField")).KindField }));

interface Start {
  /** What is written, as its draft is called. */
  readonly about: string;
  /** What it begins with. */
  readonly begin: Written;
}

/** The screen: `/changes/new`, with `?name=` for the next version of a blueprint, or `/changes/:id/edit`. */
export function Component() {
  const say = useWords();
  const may = useMay();
  const { id } = useParams();
  const [search] = useSearchParams();
  const name = search.get("name");
  const title = say(id === undefined ? "changes.write.title" : "changes.write.edit-title");
  return (
    <Page title={title} lead={say(id === undefined ? "changes.write.lead" : "changes.write.edit-lead")}>
      {!may("change-request:propose") ? (
        <Forbidden
          problem={problemOf({ status: 403, reason: "NO_RULE", detail: say("changes.write.forbidden") })}
        />
      ) : id !== undefined ? (
        <EditOne id={id} />
      ) : name !== null ? (
        <NextOf name={name} />
      ) : (
        <Propose
          start={{
            about: "new",
            begin: { kind: "blueprint", title: "", reason: "", source: "", against: null },
          }}
        />
      )}
    </Page>
  );
}

/** The next version of a blueprint: begins with the text in force. */
function NextOf({ name }: { name: string }) {
  const version = useQuery({
    queryKey: ["blueprint", name, "current"],
    queryFn: ({ signal }) =>
      given(client.GET("/v1/blueprints/{id}", { params: { path: { id: name } }, signal })),
    staleTime: Number.POSITIVE_INFINITY, // what somebody edits must not move under them
  });
  return (
    <QueryView query={version} lines={8}>
      {(found) => (
        <Propose
          start={{
            about: `next.${name}`,
            begin: { kind: "blueprint", title: "", reason: "", source: found.source, against: found.version },
          }}
        />
      )}
    </QueryView>
  );
}

/** The form, once it is known what was typed before. */
function Propose({ start }: { start: Start }) {
  const kept = useKeptDraft(draftOfWriting(start.about));
  return (
    <QueryView query={kept} lines={8}>
      {(found) => <ProposeForm start={start} kept={found} />}
    </QueryView>
  );
}

function ProposeForm({ start, kept }: { start: Start; kept: KeptDraft<Written> }) {
  const say = useWords();
  const navigate = useNavigate();
  const queries = useQueryClient();
  const hand = useDraft(draftOfWriting(start.about), kept, start.begin);
  const { kind, title, reason, source, against } = hand.draft;
  const [isDraft, setDraft] = useState(false);
  const check = useSourceCheck();
  const send = useWrite({
    send: async () => {
      const base = against ?? ((await check.mutateAsync({ kind, source })).current_version || null);
      return given(
        client.POST("/v1/change-requests", {
          body: {
            kind,
            title,
            reason,
            source,
            draft: isDraft,
            ...(base === null ? {} : { base_version: base }),
          },
        }),
      );
    },
    onSuccess: async (made) => {
      await hand.drop();
      await queries.invalidateQueries({ queryKey: ["changes"] });
      await navigate(`/changes/${made.change_request}`);
    },
  });
  const isMissing = title.trim() === "" || reason.trim() === "" || source.trim() === "";
  return (
    <form
      className="stack write"
      onSubmit={(event) => {
        event.preventDefault();
        if (!isMissing && !send.isPending) send.mutate();
      }}
    >
      <Kept hand={hand} begin={start.begin} />
      {against !== null ? (
        <p className="row">{say("changes.write.against", { base: against })}</p>
      ) : (
        <Suspense fallback={<Loading lines={2} />}>
          <KindField value={kind} onChange={(to) => hand.change({ kind: to })} />
        </Suspense>
      )}
      <TextField
        label={say("changes.write.name")}
        hint={say("changes.write.name-hint")}
        value={title}
        onChange={(to) => hand.change({ title: to })}
        maxLength={TITLE_CHARS_MAX}
        required
      />
      <AreaField
        label={say("changes.write.reason")}
        hint={say("changes.write.reason-hint")}
        value={reason}
        onChange={(to) => hand.change({ reason: to })}
        maxLength={REASON_CHARS_MAX}
        required
      />
      <Source
        kind={kind}
        source={source}
        onChange={(to) => hand.change({ source: to })}
        check={check}
        refused={send.error}
      />
      <CheckboxField
        label={say("changes.write.draft")}
        hint={say("changes.write.draft-hint")}
        value={isDraft}
        onChange={setDraft}
      />
      {send.error && findingsOf(send.error) === null && <WriteProblem problem={problemOf(send.error)} />}
      <div className="row">
        <Button kind="primary" type="submit" busy={send.isPending} disabled={isMissing}>
          {say(isDraft ? "changes.write.keep" : "changes.propose")}
        </Button>
        <Check kind={kind} source={source} check={check} />
      </div>
    </form>
  );
}

/** Where what is typed is kept. */
function Kept({ hand, begin }: { hand: DraftInHand<Written>; begin: Written }) {
  return (
    <DraftState
      inHand={hand}
      isEmpty={isSameText(hand.draft, begin)}
      summary={({ title, source }) => title || source.slice(0, SHORT_CHARS)}
    />
  );
}

interface SourceProps {
  kind: string;
  source: string;
  check: ReturnType<typeof useSourceCheck>;
}

/** The text with what was found in this very text: by the check, or by the proposal that was refused. */
function Source({
  source,
  onChange,
  check,
  refused,
}: SourceProps & { onChange: (text: string) => void; refused: unknown }) {
  const say = useWords();
  const [error, setError] = useState<string>();
  const checked = check.data?.source === source ? check.data.findings : null;
  return (
    <>
      <SourceField
        value={source}
        error={error}
        findings={checked ?? findingsOf(refused)}
        onChange={(text) => {
          setError(undefined);
          onChange(text);
        }}
        onFile={async (file) => {
          const text = await readFile(file);
          setError(text === null ? say("changes.write.file-refused") : undefined);
          if (text !== null) onChange(text);
        }}
      />
      {check.error && refused === null && <ProblemState problem={problemOf(check.error)} />}
    </>
  );
}

/** Checks without sending anything. */
function Check({ kind, source, check }: SourceProps) {
  const say = useWords();
  return (
    <Button
      busy={check.isPending}
      disabled={source.trim() === ""}
      onPress={() => check.mutate({ kind, source })}
    >
      {say("changes.write.check")}
    </Button>
  );
}

/** Another text for a change request that is under way. Approvals given so far become stale, which is said first. */
function EditOne({ id }: { id: string }) {
  const change = useQuery(changeQuery(id));
  const standing = useQuery(standingQuery(id));
  return (
    <QueryView query={change} lines={8}>
      {(read) => (
        <QueryView query={standing} lines={8}>
          {(stands) =>
            stands.acts.edit !== null ? (
              <Forbidden problem={problemOf({ status: 403, ...stands.acts.edit })} />
            ) : (
              <Edit
                id={id}
                now={{
                  kind: read.kind,
                  title: "",
                  reason: "",
                  source: typeof read.source === "string" ? read.source : "",
                  against: read.revision,
                }}
                seen={read}
                rebase={stands.base_moved ? stands.current_version : null}
              />
            )
          }
        </QueryView>
      )}
    </QueryView>
  );
}

interface EditProps {
  id: string;
  /** The text as it is now, against its revision. */
  now: Written;
  seen: { readonly approvals: number; readonly title: string };
  /** The version in force, where it is another than the one this was written against. */
  rebase: number | null;
}

/** The form, once it is known what was typed before. */
function Edit(props: EditProps) {
  const kept = useKeptDraft(draftOfWriting(props.id));
  return (
    <QueryView query={kept} lines={8}>
      {(found) => <EditForm {...props} kept={found} />}
    </QueryView>
  );
}

function EditForm({ id, now, seen, rebase, kept }: EditProps & { kept: KeptDraft<Written> }) {
  const say = useWords();
  const navigate = useNavigate();
  const queries = useQueryClient();
  // What was there when this was begun: a newer edit of somebody else is a conflict, never written over.
  const hand = useDraft(draftOfWriting(id), kept, now);
  const [isRebased, setRebased] = useState(rebase !== null);
  const { kind, source, against } = hand.draft;
  const check = useSourceCheck();
  const send = useWrite({
    send: () =>
      given(
        client.PUT("/v1/change-requests/{id}/source", {
          params: { path: { id } },
          body: {
            source,
            expected_revision: against,
            ...(rebase !== null && isRebased ? { base_version: rebase } : {}),
          },
        }),
      ),
    onSuccess: async () => {
      await hand.drop();
      await queries.invalidateQueries({ queryKey: ["change", id] });
      await queries.invalidateQueries({ queryKey: ["changes"] });
      await navigate(`/changes/${id}`);
    },
  });
  const isSame = source === now.source && !(rebase !== null && isRebased);
  return (
    <form
      className="stack write"
      onSubmit={(event) => {
        event.preventDefault();
        if (!isSame && !send.isPending) send.mutate();
      }}
    >
      <h2>{visible(seen.title)}</h2>
      <Kept hand={hand} begin={now} />
      {seen.approvals > 0 && (
        <p className="notice-line">
          <Icon name="warning" />
          <span>{say("changes.write.makes-stale", { count: seen.approvals })}</span>
        </p>
      )}
      {against !== now.against && (
        <p className="notice-line" role="alert">
          <Icon name="warning" />
          <span>{say("changes.write.moved")}</span>
        </p>
      )}
      {rebase !== null && (
        <CheckboxField
          label={say("changes.write.rebase", { version: rebase })}
          hint={say("changes.write.rebase-hint")}
          value={isRebased}
          onChange={setRebased}
        />
      )}
      <Source
        kind={kind}
        source={source}
        onChange={(to) => hand.change({ source: to })}
        check={check}
        refused={send.error}
      />
      {send.error && findingsOf(send.error) === null && <WriteProblem problem={problemOf(send.error)} />}
      <div className="row">
        <Button kind="primary" type="submit" busy={send.isPending} disabled={isSame}>
          {say("changes.write.save")}
        </Button>
        <Check kind={kind} source={source} check={check} />
        <ButtonLink href={`/changes/${id}`}>{say("changes.confirm.back")}</ButtonLink>
      </div>
    </form>
  );
}
