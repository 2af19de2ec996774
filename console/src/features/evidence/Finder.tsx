/** Instances found by their key or id, and those chosen so far. */
import { useQuery } from "@tanstack/react-query";
import { useState } from "react";
import { client, given } from "../../api/client";
import { Button, ProblemState, problemOf, ServerWords, TextField } from "../../design";
import { useWords } from "../../i18n";
import type { Chosen } from "./Build";

export interface FinderProps {
  chosen: readonly Chosen[];
  onChange: (chosen: readonly Chosen[]) => void;
  isMissing: boolean;
}

/** A field that finds, what it found, and what is chosen. */
export function Finder({ chosen, onChange, isMissing }: FinderProps) {
  const say = useWords();
  const [text, setText] = useState("");
  const query = useQuery({
    queryKey: ["search", text.trim()],
    enabled: text.trim().length >= 2,
    queryFn: async ({ signal }) => {
      const answer = await given(client.GET("/v1/search", { params: { query: { q: text.trim() } }, signal }));
      return answer.groups.find((group) => group.kind === "instances") ?? null;
    },
  });
  const found = (query.data?.items ?? []).filter((item) => chosen.every((one) => one.id !== item.id));
  const isAsked = text.trim().length >= 2 && query.isSuccess;
  return (
    <fieldset className="group-of stack tight">
      <legend>{say("evidence.scope")}</legend>
      {chosen.length > 0 && (
        <ul className="chosen-list" aria-label={say("evidence.chosen")}>
          {chosen.map((one) => (
            <li key={one.id}>
              <span>
                {one.title} {one.title !== one.id && <code className="muted">{one.id}</code>}
              </span>
              <Button
                kind="plain"
                small
                iconOnly
                icon="close"
                onPress={() => onChange(chosen.filter((other) => other.id !== one.id))}
              >
                {say("evidence.take-away", { name: one.title })}
              </Button>
            </li>
          ))}
        </ul>
      )}
      <TextField
        label={say("evidence.find")}
        hint={say("evidence.find.hint")}
        type="search"
        value={text}
        onChange={setText}
        error={isMissing ? say("evidence.missing-instance") : undefined}
      />
      <div role="status" className="stack tight">
        {query.data?.refused && (
          <p className="muted">
            <ServerWords text={query.data.refused.detail} wording={query.data.refused.wording} />
          </p>
        )}
        {isAsked && !query.data?.refused && found.length === 0 && (
          <p className="muted small">{say("field.nothing-found")}</p>
        )}
        {found.length > 0 && (
          <ul className="chosen-list" aria-label={say("evidence.found")}>
            {found.map((item) => (
              <li key={item.id}>
                <span>
                  {item.title} <span className="muted small">{item.text}</span>
                </span>
                <Button
                  small
                  icon="add"
                  onPress={() => onChange([...chosen, { id: item.id, title: item.title }])}
                >
                  {say("evidence.add")}
                </Button>
              </li>
            ))}
          </ul>
        )}
      </div>
      {query.error && <ProblemState problem={problemOf(query.error)} />}
    </fieldset>
  );
}
