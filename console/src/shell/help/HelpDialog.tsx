/** What the keys do, what the words mean, and whom to ask. */
import { Fragment, useEffect, useRef, useState } from "react";
import { useLocation } from "react-router";
import { Button, ButtonLink, Dialog, Tabs, TextField } from "../../design";
import { useWords } from "../../i18n";
import "./help.css";

/** Keys as they stand on the keyboard of each language, and what they do. */
const KEYS = ["search", "move", "open", "walk", "leave", "skip"] as const;

/** The words of the glossary that people meet on screens. */
const WORDS = [
  "approval",
  "authority",
  "blueprint",
  "business-key",
  "change-request",
  "checkpoint",
  "claim",
  "commitment",
  "deadline",
  "decision",
  "delegation",
  "domain",
  "duties",
  "entry",
  "erasure",
  "evidence-pack",
  "incident",
  "instance",
  "ledger",
  "proof",
  "receipt",
  "refusal",
  "role",
  "statement",
  "step",
  "task",
  "version",
  "witness",
] as const;

export interface HelpDialogProps {
  onClose: () => void;
  onTour: (() => void) | undefined;
}

/** The dialog, with a tab for each. */
export default function HelpDialog({ onClose, onTour }: HelpDialogProps) {
  const say = useWords();
  const { pathname } = useLocation();
  const from = useRef(pathname);
  useEffect(() => {
    if (pathname !== from.current) onClose(); // a link in it led somewhere else
  }, [pathname, onClose]);
  return (
    <Dialog title={say("help.title")} isOpen onClose={onClose} wide>
      <Tabs
        label={say("help.title")}
        tabs={[
          { id: "keys", title: say("help.keys"), content: <Keys /> },
          { id: "words", title: say("help.words"), content: <Glossary /> },
          { id: "ask", title: say("help.ask"), content: <Ask onClose={onClose} onTour={onTour} /> },
        ]}
      />
    </Dialog>
  );
}

function Keys() {
  const say = useWords();
  return (
    <dl className="help-list">
      {KEYS.map((key) => (
        <div key={key}>
          <dt>
            {say(`help.key.${key}`)
              .split(" / ")
              .map((one, place) => (
                <Fragment key={one}>
                  {place > 0 && " "}
                  <kbd>{one}</kbd>
                </Fragment>
              ))}
          </dt>
          <dd>{say(`help.key.${key}.does`)}</dd>
        </div>
      ))}
    </dl>
  );
}

/** The glossary, sorted as the language sorts, and found by typing. */
function Glossary() {
  const say = useWords();
  const [text, setText] = useState("");
  const wanted = text.trim().toLocaleLowerCase();
  const words = WORDS.map((word) => ({
    word,
    name: say(`help.word.${word}`),
    means: say(`help.word.${word}.means`),
  }))
    .filter(({ name, means }) => `${name} ${means}`.toLocaleLowerCase().includes(wanted))
    .sort((one, other) => one.name.localeCompare(other.name));
  return (
    <div className="stack tight help-glossary">
      <TextField type="search" label={say("help.words.find")} value={text} onChange={setText} />
      {words.length === 0 && (
        <p className="muted" role="status">
          {say("field.nothing-found")}
        </p>
      )}
      <dl className="help-list">
        {words.map(({ word, name, means }) => (
          <div key={word}>
            <dt>{name}</dt>
            <dd>{means}</dd>
          </div>
        ))}
      </dl>
    </div>
  );
}

/** Whom to ask for what, and what else there is to read. */
function Ask({ onClose, onTour }: HelpDialogProps) {
  const say = useWords();
  return (
    <div className="stack">
      <dl className="help-list">
        {(["rights", "process", "locked", "fault"] as const).map((matter) => (
          <div key={matter}>
            <dt>{say(`help.ask.${matter}`)}</dt>
            <dd>{say(`help.ask.${matter}.whom`)}</dd>
          </div>
        ))}
      </dl>
      <div className="row">
        {onTour && (
          <Button
            onPress={() => {
              onClose();
              onTour();
            }}
          >
            {say("shell.tour")}
          </Button>
        )}
        <ButtonLink href="/account">{say("account.title")}</ButtonLink>
        <ButtonLink href="/licences">{say("licences.title")}</ButtonLink>
      </div>
    </div>
  );
}
