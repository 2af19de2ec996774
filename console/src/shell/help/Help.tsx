/** Help, in the same place on every screen: keys, words, whom to ask. */
import { lazy, Suspense } from "react";
import { Button, Placeholder } from "../../design";
import { useWords } from "../../i18n";

/** Loaded when somebody asks for it. */
const HelpDialog = lazy(() => import("./HelpDialog"));

export interface HelpProps {
  isOpen: boolean;
  setOpen: (isOpen: boolean) => void;
  /** Opens the tour, in an organisation that has one. */
  onTour: (() => void) | undefined;
}

/** The button in the top line; the dialog once it is wanted. */
export function Help({ isOpen, setOpen, onTour }: HelpProps) {
  const say = useWords();
  return (
    <div className="help-button">
      <Button kind="plain" icon="info" onPress={() => setOpen(true)}>
        {say("help.title")}
      </Button>
      {isOpen && (
        <Suspense fallback={<Placeholder />}>
          <HelpDialog onClose={() => setOpen(false)} onTour={onTour} />
        </Suspense>
      )}
    </div>
  );
}
