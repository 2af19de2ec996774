/** Recovery codes, shown once: to be printed, copied or saved, and then gone from the screen. */
import { useState } from "react";
import { useMe } from "../../api/session";
import { Button, CheckboxField } from "../../design";
import { useWords } from "../../i18n";

/** The codes and the three ways to keep them. */
export default function RecoveryCodes({ codes, onKept }: { codes: readonly string[]; onKept: () => void }) {
  const say = useWords();
  const { log, person } = useMe();
  const [isKept, setKept] = useState(false);
  const [said, setSaid] = useState("");
  const copy = async () => {
    try {
      await navigator.clipboard.writeText(codes.join("\n"));
      setSaid(say("hash.copied"));
    } catch {
      // Browsers refuse the clipboard without TLS; the codes stand there to be selected.
      setSaid(say("account.codes.by-hand"));
    }
  };
  const download = () => {
    const text = [say("account.codes.file", { log, ref: person?.ref ?? "" }), "", ...codes, ""].join("\n");
    const address = URL.createObjectURL(new Blob([text], { type: "text/plain" }));
    const link = document.createElement("a");
    link.href = address;
    link.download = `muniment-${log}-recovery-codes.txt`;
    link.click();
    URL.revokeObjectURL(address);
  };
  return (
    <div className="pane stack account-codes">
      <div>
        <h3>{say("account.codes")}</h3>
        <p className="account-codes-for muted small">
          {say("account.codes.file", { log, ref: person?.ref ?? "" })}
        </p>
        <p>{say("account.codes.lead")}</p>
      </div>
      <ul className="account-code-list" aria-label={say("account.codes")}>
        {codes.map((code) => (
          <li key={code}>
            <code>{code}</code>
          </li>
        ))}
      </ul>
      <div className="row no-print">
        <Button small icon="copy" onPress={copy}>
          {say("account.codes.copy")}
        </Button>
        <Button small onPress={download}>
          {say("account.codes.download")}
        </Button>
        <Button small onPress={() => window.print()}>
          {say("account.codes.print")}
        </Button>
        <span role="status" className="muted small">
          {said}
        </span>
      </div>
      <div className="row apart no-print">
        <CheckboxField label={say("account.codes.kept")} value={isKept} onChange={setKept} />
        <Button kind="primary" disabled={!isKept} onPress={onKept}>
          {say("account.codes.done")}
        </Button>
      </div>
    </div>
  );
}
