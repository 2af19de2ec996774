/** Building a pack: from a question of the catalogue, over instances, for somebody, for a purpose. */

import { useQuery, useQueryClient } from "@tanstack/react-query";
import { useId, useState } from "react";
import { client, given } from "../../api/client";
import type { components } from "../../api/schema";
import { useWrite } from "../../api/writing";
import {
  Button,
  ButtonLink,
  CheckboxField,
  Facts,
  Hash,
  Icon,
  problemOf,
  QueryView,
  TextField,
  WriteProblem,
} from "../../design";
import { useFormats, useWords } from "../../i18n";
import { Finder } from "./Finder";
import { PACKS } from "./packs";

type Built = components["schemas"]["PackAnswer"];
const TEXT_MAX = 500;

/** An instance that was chosen: its id, and what it is called. */
export interface Chosen {
  readonly id: string;
  readonly title: string;
}

/** The form, and then the pack that was built. */
export default function Build({ first, onClose }: { first: string; onClose: () => void }) {
  const say = useWords();
  const heading = useId();
  const build = useBuild();
  return (
    <section className="pane stack wide-form" aria-labelledby={heading}>
      <div className="row apart">
        <h2 id={heading}>{say("evidence.new")}</h2>
        <Button kind="plain" small icon="close" onPress={onClose}>
          {say("dialog.close")}
        </Button>
      </div>
      {build.data ? <BuiltPack built={build.data} /> : <Form first={first} build={build} />}
    </section>
  );
}

interface Asked {
  readonly instances: string[];
  readonly purpose: string;
  readonly recipient: string;
  readonly questions: string[];
}

/** Sends what was asked. */
function useBuild() {
  const queries = useQueryClient();
  return useWrite({
    send: (asked: Asked) => given(client.POST("/v1/evidence-packs", { body: asked })),
    onSuccess: () => queries.invalidateQueries({ queryKey: PACKS }),
  });
}

function Form({ first, build }: { first: string; build: ReturnType<typeof useBuild> }) {
  const say = useWords();
  const [chosen, setChosen] = useState<readonly Chosen[]>(first === "" ? [] : [{ id: first, title: first }]);
  const [purpose, setPurpose] = useState("");
  const [recipient, setRecipient] = useState("");
  const [left, setLeft] = useState<ReadonlySet<string>>(new Set());
  const [isTried, setTried] = useState(false);
  const questions = useQuery({
    queryKey: ["questions"],
    queryFn: async ({ signal }) => (await given(client.GET("/v1/questions", { signal }))).items,
    staleTime: Number.POSITIVE_INFINITY,
  });
  const missing = (text: string) => (isTried && text.trim() === "" ? say("evidence.missing") : undefined);
  const send = () => {
    setTried(true);
    if (chosen.length === 0 || purpose.trim() === "" || recipient.trim() === "") return;
    const asked = (questions.data ?? []).map((one) => one.id).filter((id) => !left.has(id));
    build.mutate({ instances: chosen.map((one) => one.id), purpose, recipient, questions: asked });
  };
  return (
    <form
      className="stack"
      onSubmit={(event) => {
        event.preventDefault();
        send();
      }}
    >
      <fieldset className="group-of stack">
        <legend>{say("evidence.questions")}</legend>
        <QueryView query={questions} lines={3}>
          {(items) =>
            items.map((one) => (
              <CheckboxField
                key={one.id}
                label={`${one.id} ${one.title}`}
                hint={one.clauses.map((clause) => `${clause.instrument} ${clause.clause}`).join(" · ")}
                value={!left.has(one.id)}
                onChange={(isTicked) => setLeft(toggled(left, one.id, !isTicked))}
              />
            ))
          }
        </QueryView>
      </fieldset>
      <Finder chosen={chosen} onChange={setChosen} isMissing={isTried && chosen.length === 0} />
      <TextField
        label={say("evidence.purpose")}
        hint={say("evidence.purpose.hint")}
        required
        maxLength={TEXT_MAX}
        value={purpose}
        onChange={setPurpose}
        error={missing(purpose)}
      />
      <TextField
        label={say("evidence.recipient")}
        hint={say("evidence.recipient.hint")}
        required
        maxLength={TEXT_MAX}
        value={recipient}
        onChange={setRecipient}
        error={missing(recipient)}
      />
      <p className="muted small">
        <Icon name="lock" /> {say("evidence.what-opens")}
      </p>
      {build.error && <WriteProblem problem={problemOf(build.error)} />}
      <div className="row">
        <Button kind="primary" type="submit" busy={build.isPending}>
          {say("evidence.build")}
        </Button>
      </div>
    </form>
  );
}

function toggled(set: ReadonlySet<string>, id: string, isIn: boolean): ReadonlySet<string> {
  const next = new Set(set);
  if (isIn) next.add(id);
  else next.delete(id);
  return next;
}

/** The pack: its digest, which is to reach the recipient by another way, and the file. */
function BuiltPack({ built }: { built: Built }) {
  const say = useWords();
  const formats = useFormats();
  return (
    <div className="stack" role="status">
      <p>{say("evidence.done")}</p>
      <Facts
        facts={[
          { name: say("evidence.pack"), value: <code>{built.pack}</code> },
          {
            name: say("evidence.digest"),
            value: <Hash value={built.digest} label={say("evidence.digest")} whole />,
          },
          {
            name: say("evidence.holds"),
            value: `${say("evidence.entries", { count: built.entries })} · ${formats.number(built.pack_bytes)} B`,
          },
        ]}
      />
      <div className="row">
        <ButtonLink kind="primary" href={built.href} download={`${built.pack}.zip`}>
          {say("evidence.download")}
        </ButtonLink>
        <ButtonLink href="/ledger/verify">{say("ledger.verify-pack")}</ButtonLink>
      </div>
    </div>
  );
}
