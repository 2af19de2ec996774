/** A hash, key or other long name: shortened in the middle, copied whole. */
import { useEffect, useState } from "react";
import { useWords } from "../../i18n";
import { shortened } from "../shortened";
import { Button } from "./Button";
import "./hash.css";

const COPIED_FOR = 2000; // ms

/** `label` says what it is ("content digest"), in the name of the copy button. Paper shows it whole. */
export function Hash({ value, label, whole = false }: { value: string; label: string; whole?: boolean }) {
  const say = useWords();
  const [isCopied, setCopied] = useState(false);
  const [isWhole, setWhole] = useState(whole);
  useEffect(() => {
    if (!isCopied) return;
    const timer = setTimeout(() => setCopied(false), COPIED_FOR);
    return () => clearTimeout(timer);
  }, [isCopied]);
  // Browsers refuse the clipboard without TLS: then the value is shown whole, to be selected by hand.
  const copy = async () => {
    try {
      await navigator.clipboard.writeText(value);
      setCopied(true);
    } catch {
      setWhole(true);
    }
  };
  const short = shortened(value);
  return (
    <span className="hash">
      {isWhole || short === value ? (
        <code className="hash-value">{value}</code>
      ) : (
        <>
          <code className="hash-short" title={value}>
            {short}
          </code>
          <code className="hash-printed" aria-hidden="true">
            {value}
          </code>
        </>
      )}
      <Button kind="plain" small iconOnly icon={isCopied ? "check" : "copy"} onPress={copy}>
        {say("hash.copy", { what: label })}
      </Button>
      <span className="visually-hidden" role="status">
        {isCopied ? say("hash.copied") : ""}
      </span>
    </span>
  );
}
