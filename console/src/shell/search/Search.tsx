/** The way into search from everywhere: a button in the top line, and Ctrl K. */
import { lazy, Suspense, useEffect, useState } from "react";
import { Button as AriaButton } from "react-aria-components";
import { Icon, Placeholder } from "../../design";
import { useWords } from "../../i18n";

/** Loaded when somebody searches for the first time. */
const SearchDialog = lazy(() => import("./SearchDialog"));

/** The button; the dialog once it is wanted. */
export function Search({ onHelp }: { onHelp: () => void }) {
  const say = useWords();
  const [isOpen, setOpen] = useState(false);
  useEffect(() => {
    const onKey = (event: KeyboardEvent) => {
      const isWanted = (event.ctrlKey || event.metaKey) && !event.altKey && !event.shiftKey;
      if (!isWanted || event.key.toLowerCase() !== "k") return;
      event.preventDefault(); // browsers take it for their own address line
      setOpen(true);
    };
    window.addEventListener("keydown", onKey);
    return () => window.removeEventListener("keydown", onKey);
  }, []);
  return (
    <>
      <AriaButton
        className="button quiet search-button"
        aria-keyshortcuts="Control+K"
        onPress={() => setOpen(true)}
      >
        <Icon name="search" />
        <span className="button-words">{say("search.title")}</span>
        <span className="search-keys" aria-hidden="true">
          <kbd>{say("search.keys")}</kbd>
        </span>
      </AriaButton>
      {isOpen && (
        <Suspense fallback={<Placeholder />}>
          <SearchDialog
            onClose={() => setOpen(false)}
            onHelp={() => {
              setOpen(false);
              onHelp();
            }}
          />
        </Suspense>
      )}
    </>
  );
}
