/** The way to the tour of a demo organisation, in the top line. */
import { Button as AriaButton } from "react-aria-components";
import { Icon } from "../../design";
import { useWords } from "../../i18n";
import type { Tour } from "./tour";

/** A button that opens and leaves it, with how far one has come. */
export function TourButton({ tour }: { tour: Tour }) {
  const say = useWords();
  const { done, stops, isOpen } = tour;
  return (
    <AriaButton
      className="button plain"
      aria-expanded={isOpen}
      aria-controls="tour"
      onPress={() => tour.setOpen(!isOpen)}
    >
      <Icon name="play" />
      <span className="button-words tour-button-name">{say("shell.tour")}</span>
      <span className="number tour-button-done">
        {say("shell.tour.progress", { done, count: stops.length })}
      </span>
    </AriaButton>
  );
}
