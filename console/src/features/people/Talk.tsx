/** What people say about a task and attach to it; an edit is a new comment, and the old one stays to be read. */

import { useQueryClient } from "@tanstack/react-query";
import { useRef, useState } from "react";
import { useMay } from "../../api/session";
import { useTyped } from "../../api/typed";
import { useWrite } from "../../api/writing";
import {
  AreaField,
  Button,
  CheckboxField,
  Empty,
  lengthOf,
  problemOf,
  QueryView,
  Tag,
  Time,
  visible,
  WriteProblem,
} from "../../design";
import { useWords } from "../../i18n";
import type { Task } from "../inbox/tasks";
import { attach, type Comment, comment, useAttachments, useComments, useWatch, watch } from "./people";
import "./people.css";

const TEXT_MAX = 4_000; // characters
const KILOBYTE = 1_000;
/** What the server takes by its first bytes; an installation may take more. */
const TYPES = ".png,.jpg,.jpeg,.pdf,.zip,.docx,.xlsx,.pptx,.txt,.csv,.json,.xml";

/** The tab: following, what was said, what is attached. */
export default function Talk({ task }: { task: Task }) {
  return (
    <div className="stack">
      <Follow id={task.id} />
      <Said task={task} />
      <Files task={task} />
    </div>
  );
}

function Follow({ id }: { id: string }) {
  const say = useWords();
  const queries = useQueryClient();
  const found = useWatch(id);
  const change = useWrite({
    send: (isOn: boolean) => watch(id, isOn),
    onSettled: () => queries.invalidateQueries({ queryKey: ["task", id, "watch"] }),
  });
  return (
    <QueryView query={found} lines={1}>
      {(data) => (
        <>
          <CheckboxField
            label={say("people.watch")}
            hint={say("people.watch.hint")}
            value={data.is_watched}
            onChange={(isOn) => change.mutate(isOn)}
            disabled={change.isPending}
          />
          {change.error && <WriteProblem problem={problemOf(change.error)} />}
        </>
      )}
    </QueryView>
  );
}

/** The comments of the whole case, oldest first, and a place to add one. */
function Said({ task }: { task: Task }) {
  const say = useWords();
  const queries = useQueryClient();
  const may = useMay();
  const found = useComments(task.id, task.instance);
  const [added, setAdded] = useTyped(`comment ${task.id}`);
  const [changed, setChanged] = useState("");
  const [edited, setEdited] = useState<Comment | null>(null);
  const section = useRef<HTMLElement>(null);
  const [text, setText] = edited === null ? [added, setAdded] : [changed, setChanged];
  const add = useWrite({
    send: () => comment(task.id, text, edited?.id ?? ""),
    onSuccess: async () => {
      setText("");
      setEdited(null);
      section.current?.querySelector("textarea")?.focus();
      await queries.invalidateQueries({ queryKey: ["instance", task.instance, "comments"] });
    },
  });
  const edit = (one: Comment) => {
    setEdited(one);
    setChanged(typeof one.text === "string" ? one.text : "");
  };
  return (
    <section ref={section} className="stack tight" aria-labelledby="comments-title">
      <h3 id="comments-title">{say("people.comments")}</h3>
      <QueryView
        query={found}
        lines={3}
        isEmpty={(data) => data.items.length === 0}
        empty={<Empty title={say("people.comments.empty")} />}
      >
        {(data) => (
          <ol className="comments">
            {data.items.map((one) => (
              <li key={one.id}>
                <One said={one} task={task.id} onEdit={() => edit(one)} />
              </li>
            ))}
          </ol>
        )}
      </QueryView>
      {may("task:comment") && (
        <>
          <AreaField
            label={say(edited === null ? "people.comment" : "people.comment.edit")}
            hint={say("people.comment.hint")}
            value={text}
            onChange={setText}
            maxLength={TEXT_MAX}
          />
          <div className="row">
            <Button
              busy={add.isPending}
              disabled={text.trim() === "" || lengthOf(text) > TEXT_MAX}
              onPress={() => add.mutate()}
            >
              {say("people.comment.add")}
            </Button>
            {edited !== null && (
              <Button kind="plain" onPress={() => setEdited(null)}>
                {say("people.comment.cancel")}
              </Button>
            )}
          </div>
          {add.error !== null && <WriteProblem problem={problemOf(add.error)} />}
        </>
      )}
    </section>
  );
}

function One({ said, task, onEdit }: { said: Comment; task: string; onEdit: () => void }) {
  const say = useWords();
  const isOpen = typeof said.text === "string";
  return (
    <article className="stack tight">
      <p className="row small">
        <strong>{visible(said.by_name)}</strong>
        <Time at={said.added_at} />
        {said.replaces !== null && <Tag>{say("people.comment.is-edit")}</Tag>}
        {said.replaced_by !== null && <Tag>{say("people.comment.was-edited")}</Tag>}
        {said.task !== null && said.task !== task && <Tag>{say("people.comment.elsewhere")}</Tag>}
      </p>
      <p className={said.replaced_by === null ? "comment-text" : "comment-text muted"}>
        {isOpen ? visible(String(said.text)) : say("people.shut")}
      </p>
      {said.is_mine && isOpen && said.replaced_by === null && (
        <div className="row">
          <Button small kind="plain" onPress={onEdit}>
            {say("people.comment.change")}
          </Button>
        </div>
      )}
    </article>
  );
}

/** The files of the whole case, and a way to attach one. */
function Files({ task }: { task: Task }) {
  const say = useWords();
  const queries = useQueryClient();
  const may = useMay();
  const found = useAttachments(task.id, task.instance);
  const input = useRef<HTMLInputElement>(null);
  const add = useWrite({
    send: (file: File) => attach(task.id, file),
    onSettled: () => queries.invalidateQueries({ queryKey: ["instance", task.instance, "attachments"] }),
  });
  return (
    <section className="stack tight" aria-labelledby="files-title">
      <h3 id="files-title">{say("people.files")}</h3>
      <QueryView
        query={found}
        lines={2}
        isEmpty={(data) => data.items.length === 0}
        empty={<Empty title={say("people.files.empty")} />}
      >
        {(data) => (
          <ul className="comments">
            {data.items.map((one) => (
              <li key={one.id} className="row small">
                {typeof one.name === "string" ? (
                  <a href={`/v1/process-instances/${one.instance}/attachments/${one.id}`} download>
                    {visible(one.name)}
                  </a>
                ) : (
                  <span>{say("people.shut")}</span>
                )}
                <span className="muted">
                  {say("people.files.size", { size: Math.max(1, Math.round(one.size_bytes / KILOBYTE)) })}
                </span>
                <span className="muted">{visible(one.by_name)}</span>
                <Time at={one.added_at} />
              </li>
            ))}
          </ul>
        )}
      </QueryView>
      {may("task:comment") && (
        <div className="row">
          <input
            ref={input}
            className="visually-hidden"
            type="file"
            accept={TYPES}
            tabIndex={-1}
            aria-label={say("people.files.choose")}
            onChange={(event) => {
              const file = event.target.files?.[0];
              if (file !== undefined) add.mutate(file);
              event.target.value = "";
            }}
          />
          <Button busy={add.isPending} onPress={() => input.current?.click()}>
            {say("people.files.add")}
          </Button>
        </div>
      )}
      {add.error !== null && <WriteProblem problem={problemOf(add.error)} />}
    </section>
  );
}
