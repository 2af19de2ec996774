/**
 * Questions over the page. They stand beside the screen and not in it: what somebody types into one stays when what it
 * is about has gone from the screen meanwhile, since somebody else was faster. The service then says so when it is sent.
 */
import { createContext, type ReactNode, Suspense, use, useCallback, useRef, useState } from "react";
import { Placeholder } from "./components/states";
import { keepFocus } from "./focus_back";

/** The dialog to show; it is about what there was when it was asked, and is given what closes it. */
export type Question = (close: () => void) => ReactNode;

const AskingContext = createContext<(question: Question) => void>(() => undefined);

/** Asks a question over the page, the last that was asked alone. */
export function useAsking(): (question: Question) => void {
  return use(AskingContext);
}

/** Around the screens; `place` is where somebody is: a question is over when they go elsewhere. */
export function Asking({ place, children }: { place: string; children: ReactNode }) {
  const [asked, setAsked] = useState<{ readonly question: Question; readonly place: string } | null>(null);
  const from = useRef<Element | null>(null);
  if (asked !== null && asked.place !== place) setAsked(null);
  const ask = useCallback(
    (question: Question) => {
      from.current = document.activeElement;
      setAsked({ question, place });
    },
    [place],
  );
  const close = useCallback(() => {
    setAsked(null);
    keepFocus(from.current);
  }, []);
  return (
    <AskingContext value={ask}>
      {children}
      {asked && <Suspense fallback={<Placeholder />}>{asked.question(close)}</Suspense>}
    </AskingContext>
  );
}
