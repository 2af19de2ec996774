/** What proves an instance to others: its compliance record, and a pack that verifies without us. */

import { useState } from "react";
import { client, given } from "../../api/client";
import type { components } from "../../api/schema";
import { useMay } from "../../api/session";
import { useWrite } from "../../api/writing";
import {
  Button,
  ButtonLink,
  Facts,
  Forbidden,
  Hash,
  ProblemState,
  problemOf,
  Tag,
  TextField,
  WriteProblem,
} from "../../design";
import { useFormats, useWords } from "../../i18n";
import { saveFile } from "../../shell/saving";
import type { Instance } from "./queries";

type Pack = components["schemas"]["PackAnswer"];

const TEXT_MAX = 500; // characters

/** The view. */
export default function EvidenceTab({ instance }: { instance: Instance }) {
  const say = useWords();
  const may = useMay();
  const at = `/v1/process-instances/${encodeURIComponent(instance.id)}/compliance-record`;
  return (
    <div className="evidence">
      <section className="pane stack" aria-labelledby="record-title">
        <h2 id="record-title">{say("instances.record")}</h2>
        <p>{say("instances.record.what")}</p>
        {may("compliance-record:read") ? (
          <div className="row">
            <ButtonLink kind="primary" href={`${at}?format=html`} icon="arrow">
              {say("instances.record.open")}
            </ButtonLink>
            <ButtonLink href={`${at}?format=json`} icon="down" download={`record-${instance.id}.json`}>
              {say("instances.record.data")}
            </ButtonLink>
          </div>
        ) : (
          <NotForYou words={say("instances.record.not")} />
        )}
      </section>
      <section className="pane stack" aria-labelledby="pack-title">
        <h2 id="pack-title">{say("instances.pack")}</h2>
        <p>{say("instances.pack.what")}</p>
        {may("evidence-pack:pack") ? (
          <PackBuilder instances={[instance.id]} />
        ) : (
          <NotForYou words={say("instances.pack.not")} />
        )}
      </section>
    </div>
  );
}

/** What this person's roles leave out, said before anything is asked of the server, and whom to ask. */
function NotForYou({ words }: { words: string }) {
  return (
    <Forbidden
      problem={{
        kind: "forbidden",
        status: 403,
        reason: "NO_RULE",
        detail: words,
        reference: undefined,
        askFor: undefined,
      }}
    />
  );
}

/** Purpose and recipient, which the pack states; then building, and the file with its digest. */
export function PackBuilder({ instances }: { instances: readonly string[] }) {
  const say = useWords();
  const [purpose, setPurpose] = useState("");
  const [recipient, setRecipient] = useState("");
  const build = useWrite({
    send: () =>
      given(
        client.POST("/v1/evidence-packs", {
          body: { instances: [...instances], purpose: purpose.trim(), recipient: recipient.trim() },
        }),
      ),
  });
  const again = () => {
    build.reset();
  };
  if (build.data) return <Built pack={build.data} onAgain={again} />;
  const isWhole = purpose.trim() !== "" && recipient.trim() !== "";
  return (
    <form
      className="stack"
      onSubmit={(event) => {
        event.preventDefault();
        if (isWhole && !build.isPending) build.mutate();
      }}
    >
      <TextField
        label={say("instances.pack.purpose")}
        hint={say("instances.pack.purpose.hint")}
        value={purpose}
        onChange={setPurpose}
        maxLength={TEXT_MAX}
        required
      />
      <TextField
        label={say("instances.pack.recipient")}
        hint={say("instances.pack.recipient.hint")}
        value={recipient}
        onChange={setRecipient}
        maxLength={TEXT_MAX}
        required
      />
      {build.error && <WriteProblem problem={problemOf(build.error)} />}
      <div className="row">
        <Button type="submit" busy={build.isPending} disabled={!isWhole}>
          {say("instances.pack.build")}
        </Button>
        {build.isPending && (
          <span role="status" className="muted">
            {say("instances.pack.building")}
          </span>
        )}
      </div>
    </form>
  );
}

/** A pack that was built; its bytes are held against its digest before they are saved. */
function Built({ pack, onAgain }: { pack: Pack; onAgain: () => void }) {
  const say = useWords();
  const formats = useFormats();
  const save = useWrite({
    send: async () => {
      const answer = await client.GET("/v1/evidence-packs/{id}", {
        params: { path: { id: pack.pack } },
        parseAs: "arrayBuffer",
      });
      const bytes = await given(Promise.resolve(answer));
      const isWhole = (await digestOf(bytes as unknown as ArrayBuffer)) === pack.digest;
      if (isWhole) saveFile(new Blob([bytes as unknown as ArrayBuffer]), `${pack.pack}.zip`);
      return isWhole;
    },
  });
  return (
    <div className="stack" role="status">
      <Facts
        facts={[
          { name: say("instances.pack"), value: <span className="mono">{pack.pack}</span> },
          { name: say("instances.pack.entries"), value: formats.number(pack.entries) },
          { name: say("instances.pack.size"), value: bytesText(pack.pack_bytes, formats.locale) },
          { name: "SHA-256", value: <Hash value={pack.digest} label={say("instances.pack.digest")} /> },
        ]}
      />
      <div className="row">
        <Button kind="primary" icon="down" busy={save.isPending} onPress={() => save.mutate()}>
          {say("instances.pack.download")}
        </Button>
        <Button onPress={onAgain}>{say("instances.pack.again")}</Button>
        {save.data === true && (
          <Tag tone="good" icon="check">
            {say("instances.pack.matches")}
          </Tag>
        )}
        {save.data === false && (
          <Tag tone="bad" icon="failed">
            {say("instances.pack.differs")}
          </Tag>
        )}
      </div>
      {save.error && <ProblemState problem={problemOf(save.error)} />}
      <p className="muted small">{say("instances.pack.verify")}</p>
    </div>
  );
}

async function digestOf(bytes: ArrayBuffer): Promise<string> {
  const digest = new Uint8Array(await crypto.subtle.digest("SHA-256", bytes));
  return [...digest].map((byte) => byte.toString(16).padStart(2, "0")).join("");
}

/** A size in the unit that fits: kB up to a megabyte, MB from there. */
export function bytesText(bytes: number, locale: string): string {
  const [value, unit] = bytes < 1_000_000 ? [bytes / 1_000, "kilobyte"] : [bytes / 1_000_000, "megabyte"];
  return new Intl.NumberFormat(locale, { style: "unit", unit, maximumFractionDigits: 1 }).format(value);
}
