/** Verification: a pack dropped here is judged in this browser; the whole ledger is judged by the server. */
import { useQuery } from "@tanstack/react-query";
import { lazy, Suspense, useEffect, useRef, useState } from "react";
import { DropZone, FileTrigger, Text } from "react-aria-components";
import { useSearchParams } from "react-router";
import { useMay } from "../../api/session";
import { AreaField, Button, ButtonLink, Empty, Hash, Icon, Loading, Tabs } from "../../design";
import { useWords } from "../../i18n";
import { Page } from "../../shell/Page";
import { type Outcome, startModule, type Trust, verifyWith } from "../../verify/client";
import { usePinned } from "../assurance/pinned";
import { KeyField } from "./KeyField";
import { type Done, Result } from "./Result";
import "../assurance/assurance.css";

const Whole = lazy(() => import("./Whole"));

/** The screen. Who may not verify the whole ledger has the pack alone. */
export function Component() {
  const say = useWords();
  const may = useMay();
  const [params, setParams] = useSearchParams();
  if (!may("ledger:verify")) {
    return (
      <Page title={say("verify.title")} lead={say("verify.lead")}>
        <Pack />
      </Page>
    );
  }
  return (
    <Page title={say("verify.title")} lead={say("verify.lead")}>
      <Tabs
        label={say("verify.title")}
        selected={params.get("whole") === "1" ? "whole" : "pack"}
        onSelect={(id) => setParams(id === "whole" ? { whole: "1" } : {}, { replace: true })}
        tabs={[
          { id: "pack", title: say("verify.pack"), content: <Pack /> },
          {
            id: "whole",
            title: say("verify.whole"),
            content: (
              <Suspense fallback={<Loading />}>
                <Whole />
              </Suspense>
            ),
          },
        ]}
      />
    </Page>
  );
}

type Run =
  | { readonly phase: "ready" }
  | { readonly phase: "running"; readonly name: string; readonly progress: number }
  | { readonly phase: "cancelled" }
  | { readonly phase: "broken" }
  | { readonly phase: "done"; readonly done: Done };

/** A pack: dropped or chosen, judged in a worker, told in words. */
function Pack() {
  const say = useWords();
  const [pinned, pin] = usePinned();
  const [lists, setLists] = useState("");
  const [policy, setPolicy] = useState("");
  const { run, start, cancel } = useRun();
  const trust = (): Trust => ({ vkey: textOf(pinned), keyLists: textOf(lists), policy: textOf(policy) });
  const begin = (file: File | undefined) => {
    if (file !== undefined) start(file, trust());
  };
  const isBusy = run.phase === "running";
  return (
    <div className="split">
      <div className="stack">
        <DropZone
          className="drop no-print"
          aria-label={say("verify.drop")}
          isDisabled={isBusy}
          onDrop={async (event) => {
            const file = event.items.find((item) => item.kind === "file");
            begin(await file?.getFile());
          }}
        >
          <Text slot="label">{say("verify.drop")}</Text>
          <FileTrigger
            acceptedFileTypes={[".zip", "application/zip"]}
            onSelect={(files) => begin(files?.[0])}
          >
            <Button kind="primary" disabled={isBusy}>
              {say("verify.choose")}
            </Button>
          </FileTrigger>
          <span className="muted small">{say("verify.nothing-sent")}</span>
        </DropZone>
        <Outcomes run={run} onCancel={cancel} hasKey={pinned.trim() !== ""} />
      </div>
      <aside className="stack no-print">
        <section className="pane stack" aria-labelledby="trust">
          <h2 id="trust">{say("verify.trust")}</h2>
          <p className="muted small">{say("verify.trust.why")}</p>
          <KeyField value={pinned} onChange={pin} />
          <details className="folded">
            <summary>{say("verify.more")}</summary>
            <div className="stack">
              <AreaField
                label={say("verify.lists")}
                hint={say("verify.lists.hint")}
                mono
                rows={3}
                maxLength={1_000_000}
                value={lists}
                onChange={setLists}
              />
              <AreaField
                label={say("verify.policy")}
                hint={say("verify.policy.hint")}
                mono
                rows={3}
                maxLength={1_000_000}
                value={policy}
                onChange={setPolicy}
              />
            </div>
          </details>
        </section>
        <Elsewhere />
      </aside>
    </div>
  );
}

function textOf(text: string): string | null {
  return text.trim() === "" ? null : text;
}

/** One verification at a time, in a worker that ends with it. */
function useRun() {
  const [run, setRun] = useState<Run>({ phase: "ready" });
  const running = useRef<AbortController | null>(null);
  // Started with the page and again with each run: by then the network may be unplugged.
  const spare = useRef<Worker | null>(null);
  useEffect(() => {
    spare.current = startModule();
    return () => {
      spare.current?.terminate();
      running.current?.abort();
    };
  }, []);
  const start = async (file: File, trust: Trust) => {
    running.current?.abort();
    const control = new AbortController();
    running.current = control;
    const begun = performance.now();
    setRun({ phase: "running", name: file.name, progress: 0 });
    const onProgress = (progress: number) => {
      if (!control.signal.aborted) setRun({ phase: "running", name: file.name, progress });
    };
    try {
      const worker = spare.current ?? startModule();
      spare.current = null;
      const outcome: Outcome = await verifyWith(() => worker, { file, trust }, onProgress, control.signal);
      const took = performance.now() - begun;
      setRun({ phase: "done", done: { name: file.name, size: file.size, at: new Date(), took, outcome } });
      spare.current = startModule();
    } catch {
      setRun({ phase: control.signal.aborted ? "cancelled" : "broken" });
    }
  };
  return { run, start, cancel: () => running.current?.abort() };
}

function Outcomes({ run, onCancel, hasKey }: { run: Run; onCancel: () => void; hasKey: boolean }) {
  const say = useWords();
  if (run.phase === "running") {
    return (
      <div className="stack tight">
        <label className="stack tight">
          <span>{say("verify.running", { name: run.name })}</span>
          <progress className="check-progress" max={1} value={run.progress} />
        </label>
        <div className="row">
          <Button onPress={onCancel}>{say("verify.cancel")}</Button>
        </div>
      </div>
    );
  }
  if (run.phase === "done") return <Result done={run.done} hasKey={hasKey} />;
  if (run.phase === "ready") return null;
  return (
    <div role="status">
      <Empty title={say(run.phase === "cancelled" ? "verify.cancelled" : "verify.no-worker")}>
        {say("verify.nothing-decided")}
      </Empty>
    </div>
  );
}

const FILES = [
  { name: "verify.py", title: "verify.script", detail: "verify.script.detail" },
  { name: "muniment-verify.html", title: "verify.page", detail: "verify.page.detail" },
] as const;

/** The verifiers that need no server, each with its digest to be held against the published one. */
function Elsewhere() {
  const say = useWords();
  return (
    <section className="pane stack" aria-labelledby="elsewhere">
      <h2 id="elsewhere">{say("verify.elsewhere")}</h2>
      <p className="muted small">{say("verify.elsewhere.why")}</p>
      {FILES.map((file) => (
        <div key={file.name} className="stack tight">
          <div className="row">
            <ButtonLink href={`/verify/${file.name}`} download={file.name} small>
              {say(file.title)}
            </ButtonLink>
          </div>
          <p className="small">{say(file.detail)}</p>
          <Digest name={file.name} />
        </div>
      ))}
    </section>
  );
}

/** The SHA-256 that this server states for a file it offers. */
function Digest({ name }: { name: string }) {
  const say = useWords();
  const query = useQuery({
    queryKey: ["verify", "digest", name],
    queryFn: async ({ signal }) => {
      const answer = await fetch(`/verify/${name}.sha256`, { signal });
      return answer.ok ? ((await answer.text()).split(" ")[0] ?? "") : "";
    },
    staleTime: Number.POSITIVE_INFINITY,
  });
  if (!query.data) return null;
  return (
    <p className="small muted">
      <Icon name="key" /> SHA-256 <Hash value={query.data} label={say("verify.digest-of", { name })} />
    </p>
  );
}
