/** The proof of an entry, each step computed and shown: bytes, leaf, path, root, signatures. */
import { useQuery } from "@tanstack/react-query";
import { useMemo } from "react";
import { Button, Hash, ProofBadge, QueryView, shortened, Tag } from "../../design";
import { useFormats, useWords } from "../../i18n";
import { toBase64Url } from "../../verify/bytes";
import type { Checked, Line, Receipt, Step } from "../../verify/entry_proof";
import { whyUnreadable } from "../../verify/fault";
import { CheckLine } from "../assurance/parts";
import { faultOfVkey, usePinned } from "../assurance/pinned";
import { KeyField } from "./KeyField";
import { checkedEntry, keysAt } from "./proving";
import { type KeysAnswer, keysQuery, type Standing, standingQuery } from "./queries";

/** Waits for the keys, then checks. */
export function Proof({ receipt, onAgain }: { receipt: Receipt; onAgain: () => void }) {
  const keys = useQuery(keysQuery);
  const standing = useQuery(standingQuery);
  return (
    <QueryView query={keys} lines={5}>
      {(known) => <Judged receipt={receipt} known={known} standing={standing.data} onAgain={onAgain} />}
    </QueryView>
  );
}

interface JudgedProps {
  receipt: Receipt;
  known: KeysAnswer;
  standing: Standing | undefined;
  onAgain: () => void;
}

type Outcome = { readonly checked: Checked } | { readonly fault: string };

function Judged({ receipt, known, standing, onAgain }: JudgedProps) {
  const say = useWords();
  const [pinned, pin] = usePinned();
  const key = pinned.trim() === "" || faultOfVkey(pinned) !== undefined ? null : pinned;
  const witnesses = standing?.items;
  const outcome = useMemo<Outcome>(() => {
    try {
      const keys = (size: number) =>
        keysAt(size, key, known, witnesses === undefined ? undefined : ({ items: witnesses } as Standing));
      return { checked: checkedEntry(receipt, keys) };
    } catch (error) {
      return { fault: whyUnreadable(error) };
    }
  }, [receipt, known, witnesses, key]);
  return (
    <section className="stack" aria-labelledby="proof">
      <div className="row apart">
        <h2 id="proof">{say("proof.title")}</h2>
        <Badge outcome={outcome} />
      </div>
      <p className="muted small">{say(key === null ? "proof.trust.server" : "proof.trust.own")}</p>
      {"fault" in outcome ? (
        <ul className="checks">
          <CheckLine state="failed" title={say("proof.unreadable")}>
            <p lang="en">{outcome.fault}</p>
          </CheckLine>
        </ul>
      ) : (
        <Checks checked={outcome.checked} receipt={receipt} isOwnKey={key !== null} />
      )}
      <KeyField value={pinned} onChange={pin} />
      <div className="row no-print">
        <Button small icon="refresh" onPress={onAgain}>
          {say("proof.again")}
        </Button>
      </div>
    </section>
  );
}

/** What came of it, in one badge; proven only when every check ran and held. */
function Badge({ outcome }: { outcome: Outcome }) {
  const say = useWords();
  if ("fault" in outcome) return <ProofBadge state="failed" detail={say("proof.unreadable")} />;
  const { checked } = outcome;
  if (checked.isProven) return <ProofBadge state="proven" />;
  if (!checked.isLeaf) return <ProofBadge state="failed" detail={say("proof.leaf")} />;
  if (!checked.isIncluded) return <ProofBadge state="failed" detail={say("proof.path")} />;
  return <ProofBadge state="failed" detail={say("proof.signature")} />;
}

function Checks(props: { checked: Checked; receipt: Receipt; isOwnKey: boolean }) {
  const say = useWords();
  const formats = useFormats();
  const { checked, receipt, isOwnKey } = props;
  const { checkpoint } = checked;
  const state = (isHeld: boolean) => (isHeld ? "held" : "failed");
  return (
    <ol className="checks">
      <CheckLine state={state(checked.isLeaf)} title={say("proof.leaf")}>
        <Hash value={toBase64Url(checked.leaf)} label={say("proof.leaf-hash")} />
        {!checked.isLeaf && <p>{say("proof.leaf.wrong")}</p>}
      </CheckLine>
      <CheckLine state={state(checked.isIncluded)} title={say("proof.path")}>
        <p className="muted small">
          {say("proof.path.of", {
            index: formats.number(receipt.index),
            size: formats.number(checkpoint.size),
            count: checked.steps?.length ?? 0,
          })}
        </p>
        <Path checked={checked} />
        {!checked.isIncluded && <p>{say("proof.path.wrong")}</p>}
      </CheckLine>
      <CheckLine state={state(checkpoint.isSigned)} title={say("proof.signature")}>
        <Lines lines={checkpoint.lines} />
        {!checkpoint.isSigned && <p>{say(isOwnKey ? "proof.signature.other" : "proof.signature.none")}</p>}
        <details className="folded">
          <summary>{say("proof.note")}</summary>
          <pre>{receipt.checkpoint}</pre>
        </details>
      </CheckLine>
    </ol>
  );
}

/** Each signature line: whose it is, and what came of it. */
export function Lines({ lines }: { lines: readonly Line[] }) {
  const say = useWords();
  return (
    <ul className="chosen-list">
      {lines.map((line) => (
        <li key={`${line.name} ${line.keyId}`}>
          <span>
            <code>{line.name}</code>{" "}
            <span className="muted small">
              {say(`proof.by.${line.by}`)} · {line.keyId}
            </span>
          </span>
          <LineTag line={line} />
        </li>
      ))}
    </ul>
  );
}

function LineTag({ line }: { line: Line }) {
  const say = useWords();
  if (line.verdict === "valid")
    return (
      <Tag tone="good" icon="check">
        {say("proof.line.valid")}
      </Tag>
    );
  if (line.verdict === "wrong")
    return (
      <Tag tone="bad" icon="failed">
        {say("proof.line.wrong")}
      </Tag>
    );
  return <Tag icon="unchecked">{say("proof.line.unchecked")}</Tag>;
}

/** The way from the leaf up to the root, drawn with each pair of hashes. */
function Path({ checked }: { checked: Checked }) {
  const say = useWords();
  const { leaf, steps, isIncluded } = checked;
  if (steps === null) return null;
  const last = steps.length;
  return (
    <ol className="path" aria-label={say("proof.path.drawn")}>
      {steps.map((step, at) => (
        <StepLine
          key={toBase64Url(step.result)}
          step={step}
          node={at === 0 ? leaf : (steps[at - 1] as Step).result}
          level={at}
        />
      ))}
      <li>
        <span className={`path-hash path-root ${isIncluded ? "end" : "off"}`}>
          {shown(steps[last - 1]?.result ?? leaf)}
        </span>
        <span className="path-note">{say(isIncluded ? "proof.root" : "proof.root.other")}</span>
      </li>
    </ol>
  );
}

function StepLine({ step, node, level }: { step: Step; node: Uint8Array; level: number }) {
  const say = useWords();
  const own = <span className="path-hash own">{shown(node)}</span>;
  const other = <span className="path-hash">{shown(step.sibling)}</span>;
  return (
    <li>
      {step.isLeft ? other : own}
      <span className="path-plus" aria-hidden="true">
        +
      </span>
      {step.isLeft ? own : other}
      <span className="path-note">
        {say(step.isLeft ? "proof.step.left" : "proof.step.right", { level: level + 1 })}
      </span>
    </li>
  );
}

function shown(hash: Uint8Array): string {
  return shortened(toBase64Url(hash), 10, 6);
}
