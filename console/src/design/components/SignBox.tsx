/** The signature ceremony: what is signed, in whose name and capacity, how, and what came of it. */
import { type FormEvent, type ReactNode, useEffect, useRef, useState } from "react";
import { type Moment, useWords } from "../../i18n";
import type { Problem } from "../problem";
import { useReasonWords } from "../reason_words";
import { visible } from "../visible";
import { Button, ButtonLink } from "./Button";
import { RadioField } from "./ChoiceField";
import { Facts } from "./Facts";
import { TextField } from "./Field";
import { Hash } from "./Hash";
import { Icon } from "./Icon";
import { ReasonLine } from "./states";
import { Time } from "./Time";
import "./sign_box.css";

export type SignMethod = "passkey" | "password";

/** What proves that the person signs now. `code` is there where a second factor is asked for. */
export type SignProof =
  | { readonly method: "passkey" }
  | { readonly method: "password"; readonly password: string; readonly code: string | undefined };

/** Where the record of the signature stands. */
export interface SignReceipt {
  readonly log: string;
  readonly index: number;
  readonly recordedAt?: Moment | undefined;
  /** Where the receipt or certificate can be seen and printed. */
  readonly href?: string | undefined;
}

/** How far the signing has come. Whoever holds it starts at `ready` and goes on as the server answers. */
export type SignState =
  | { readonly phase: "ready" }
  | { readonly phase: "busy" }
  | { readonly phase: "refused"; readonly problem: Problem }
  | { readonly phase: "done"; readonly receipt: SignReceipt };

export interface SignBoxProps {
  /** The statement, a whole sentence that the person could say: "I approve ...". */
  statement: string;
  /** What follows when it is signed, before it is signed. */
  consequence?: ReactNode;
  /** The digest of what was on screen. */
  digest: string;
  /** What the signature means: "approval", "review". */
  meaning: string;
  /** `login` is the name of the account, by which password managers find the password. */
  signer: { readonly name: string; readonly capacity: string; readonly login: string };
  /** The ways this person can sign here, the preferred first. */
  methods: readonly SignMethod[];
  /** Whether a password needs a code beside it; true unless said otherwise. */
  needsCode?: boolean | undefined;
  state: SignState;
  onSign: (proof: SignProof) => void;
  /** Why this person may not sign, in the server's words: shown instead of any field, before anything is typed. */
  blocked?: string | undefined;
  /** What is still to be filled in above before it can be signed. */
  incomplete?: string | undefined;
  /** The words of the button: "Sign and complete". */
  action?: string | undefined;
}

/** The box. It never keeps a password or code after handing it over. */
export function SignBox(props: SignBoxProps) {
  const say = useWords();
  const { state, blocked } = props;
  return (
    <section className="sign-box" aria-label={say("sign.title")}>
      <header className="sign-head">
        <Icon name="signature" />
        <h3>{say("sign.title")}</h3>
      </header>
      <blockquote className="sign-statement">{visible(props.statement)}</blockquote>
      {props.consequence && <p className="small">{props.consequence}</p>}
      <Facts
        facts={[
          {
            name: say("sign.as"),
            value: say("sign.signer", { name: props.signer.name, capacity: props.signer.capacity }),
          },
          { name: say("sign.meaning"), value: props.meaning },
          { name: say("sign.content"), value: <Hash value={props.digest} label={say("sign.digest")} /> },
        ]}
      />
      {state.phase === "done" && <Done receipt={state.receipt} />}
      {state.phase !== "done" && blocked && (
        <p className="sign-blocked">
          <Icon name="lock" />
          <span>{blocked}</span>
        </p>
      )}
      {state.phase !== "done" && !blocked && <Ways {...props} />}
    </section>
  );
}

/** The way of signing, its fields, and the button. */
function Ways(props: SignBoxProps) {
  const say = useWords();
  const { methods, state, needsCode = true } = props;
  const [chosen, setChosen] = useState<SignMethod>(methods[0] ?? "password");
  const [password, setPassword] = useState("");
  const [code, setCode] = useState("");
  const form = useRef<HTMLFormElement>(null);
  const { phase } = state;
  useEffect(() => {
    // What was proved is forgotten, and with it the button can be pressed no more: whoever tries again types it again.
    if (phase === "refused")
      form.current?.querySelector<HTMLElement>("input[type=password], button")?.focus();
  }, [phase]);
  const isPassword = chosen === "password";
  const isMissing = isPassword && (password === "" || (needsCode && code.trim() === ""));
  const submit = (event: FormEvent) => {
    event.preventDefault();
    if (state.phase === "busy" || isMissing || props.incomplete) return;
    props.onSign(
      isPassword
        ? { method: "password", password, code: needsCode ? code.replace(/\s/g, "") : undefined }
        : { method: "passkey" },
    );
    setPassword("");
    setCode("");
  };
  const names = {
    passkey: say("sign.passkey"),
    password: say(needsCode ? "sign.password-code" : "sign.password"),
  };
  return (
    <form ref={form} className="stack sign-ways" onSubmit={submit}>
      {methods.length > 1 && (
        <RadioField
          label={say("sign.method")}
          inline
          options={methods.map((id) => ({ id, label: names[id] }))}
          value={chosen}
          onChange={(id) => setChosen(id === "passkey" ? "passkey" : "password")}
        />
      )}
      {isPassword && (
        <div className="sign-fields">
          <input
            type="text"
            name="username"
            autoComplete="username"
            value={props.signer.login}
            readOnly
            hidden
          />
          <TextField
            label={say("sign.your-password")}
            type="password"
            value={password}
            onChange={setPassword}
            required
          />
          {needsCode && (
            <TextField
              label={say("sign.your-code")}
              type="code"
              maxLength={16}
              value={code}
              onChange={setCode}
              required
            />
          )}
        </div>
      )}
      {state.phase === "refused" && <Refused problem={state.problem} />}
      {props.incomplete && <p className="small muted">{props.incomplete}</p>}
      <div className="row">
        <Button
          kind="primary"
          type="submit"
          icon={isPassword ? "signature" : "key"}
          busy={state.phase === "busy"}
          disabled={state.phase !== "busy" && (isMissing || props.incomplete !== undefined)}
        >
          {props.action ?? say("sign.action")}
        </Button>
        {state.phase === "busy" && !isPassword && (
          <span className="small muted">{say("sign.passkey-waits")}</span>
        )}
      </div>
    </form>
  );
}

/** Why it was refused; or that no answer came, and then it may be on record all the same. */
function Refused({ problem }: { problem: Problem }) {
  const say = useWords();
  const words = useReasonWords()(problem.reason);
  const isUnknown = problem.kind === "failed" || problem.kind === "offline";
  return (
    <div className="sign-refused" role="alert">
      <Icon name="failed" />
      <div>
        <p>
          <strong>{say(isUnknown ? "sign.unknown" : "sign.refused")}</strong>
        </p>
        {words && <p>{problem.retryAfter === undefined ? `${words.what} ${words.act}` : words.what}</p>}
        {problem.retryAfter !== undefined && <p>{say("write.wait", { seconds: problem.retryAfter })}</p>}
        <ReasonLine problem={problem} />
      </div>
    </div>
  );
}

/** Signed: where the record stands. */
function Done({ receipt }: { receipt: SignReceipt }) {
  const say = useWords();
  return (
    <div className="sign-done" role="status">
      <Icon name="check" />
      <div className="stack tight">
        <p>
          <strong>{say("sign.done")}</strong>{" "}
          <span>{say("sign.receipt", { index: String(receipt.index), log: receipt.log })}</span>
        </p>
        {receipt.recordedAt !== undefined && <Time at={receipt.recordedAt} evidence />}
        {receipt.href && (
          <div className="row">
            <ButtonLink href={receipt.href} small icon="proven">
              {say("sign.see-receipt")}
            </ButtonLink>
          </div>
        )}
      </div>
    </div>
  );
}
