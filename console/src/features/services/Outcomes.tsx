/** What people made of an agent's proposals, as the file that its calibration takes. */
import { useState } from "react";
import { client, ProblemError } from "../../api/client";
import { useMay } from "../../api/session";
import { Button, Hash, ProblemState, problemOf } from "../../design";
import { useFormats, useWords } from "../../i18n";
import { nameOf, saveFile } from "../../shell/saving";

/** What a saved file holds, as its first line and its headers say. */
interface Saved {
  readonly count: number;
  readonly withheld: number;
  readonly isCutOff: boolean;
  readonly digest: string;
}

/** Saves the file, then says how many outcomes it holds, for how many the confidence is not told, and its digest. */
export function Outcomes({ agent }: { agent: string }) {
  const say = useWords();
  const { number } = useFormats();
  const may = useMay();
  const [isBusy, setBusy] = useState(false);
  const [saved, setSaved] = useState<Saved | null>(null);
  const [error, setError] = useState<unknown>(null);
  const save = async () => {
    setBusy(true);
    setError(null);
    setSaved(null);
    try {
      setSaved(await savedOutcomes(agent));
    } catch (problem) {
      setError(problem);
    } finally {
      setBusy(false);
    }
  };
  if (!may("task:read")) return null;
  return (
    <div className="stack tight">
      <p className="muted">{say("agents.outcomes.lead")}</p>
      <div>
        <Button icon="down" busy={isBusy} onPress={save}>
          {say("agents.outcomes.save")}
        </Button>
      </div>
      {saved !== null && (
        <>
          <div role="status" className="stack tight">
            <span>{say("agents.outcomes.saved", { count: saved.count, number: number(saved.count) })}</span>
            {saved.isCutOff && <span className="soon-words">{say("agents.outcomes.cut")}</span>}
            {saved.withheld > 0 && (
              <span className="soon-words">
                {say("agents.outcomes.withheld", { count: saved.withheld, number: number(saved.withheld) })}
              </span>
            )}
          </div>
          <span className="row tight-row">
            {say("agents.calibration.labelled.are")}
            <Hash value={saved.digest} label={say("agents.calibration.labelled")} />
          </span>
        </>
      )}
      {error !== null && <ProblemState problem={problemOf(error)} />}
    </div>
  );
}

async function savedOutcomes(agent: string): Promise<Saved> {
  const { data, error, response } = await client.GET("/v1/agents/{id}/outcomes", {
    params: { path: { id: agent }, query: { format: "jsonl" } },
    parseAs: "blob",
  });
  if (error !== undefined) {
    throw new ProblemError(response.status, error as unknown as Record<string, unknown>);
  }
  const file = data as unknown as Blob;
  const lines = (await file.text()).trimEnd().split("\n");
  const madeOf = JSON.parse(lines[0] ?? "{}") as { withheld?: Record<string, number> };
  saveFile(file, nameOf(response, "outcomes.jsonl"));
  return {
    count: lines.length - 1,
    withheld: Object.values(madeOf.withheld ?? {}).reduce((sum, one) => sum + one, 0),
    isCutOff: response.headers.get("Muniment-Cut-Off") === "true",
    digest: (response.headers.get("ETag") ?? "").replaceAll('"', ""),
  };
}
