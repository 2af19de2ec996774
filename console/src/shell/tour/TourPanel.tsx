/** Things to try in a demo organisation, beside the screen and never over it. */
import { Button, ButtonLink, Icon } from "../../design";
import { type MessageKey, useWords } from "../../i18n";
import type { Stop, Tour } from "./tour";

/** The stops, each with what there is to do, whether it is done, and the way there. */
export default function TourPanel({ tour }: { tour: Tour }) {
  const say = useWords();
  const { stops, done } = tour;
  const next = stops.find((stop) => !stop.isDone && stop.place !== null);
  const leave = () => {
    tour.setOpen(false);
    document.querySelector<HTMLElement>("[aria-controls=tour]")?.focus(); // it opens the tour again
  };
  return (
    <aside className="tour" id="tour" aria-label={say("shell.tour.title", { count: stops.length })}>
      <header className="tour-head">
        <h2>{say("shell.tour.title", { count: stops.length })}</h2>
        <Button kind="plain" icon="close" iconOnly small onPress={leave}>
          {say("shell.tour.leave")}
        </Button>
      </header>
      <p className="muted small" role="status">
        {done === stops.length
          ? say("shell.tour.all")
          : say("shell.tour.done", { done, count: stops.length })}
      </p>
      <ol className="tour-stops">
        {stops.map((stop) => (
          <StopLine key={stop.id} stop={stop} isNext={stop === next} />
        ))}
      </ol>
    </aside>
  );
}

/** One stop. Its keys are the server's, and messages of ours: a test of the demo sees to that. */
function StopLine({ stop, isNext }: { stop: Stop; isNext: boolean }) {
  const say = useWords();
  return (
    <li className={stop.isDone ? "tour-stop done" : isNext ? "tour-stop next" : "tour-stop"}>
      <span className="tour-mark">{stop.isDone && <Icon name="check" />}</span>
      <div>
        <p>
          <strong>{say(stop.title as MessageKey)}</strong>
          {stop.isDone && <span className="muted small"> {say("shell.tour.is-done")}</span>}
        </p>
        <p className="muted small">{say(stop.words as MessageKey)}</p>
        {stop.place === null ? (
          !stop.isDone && <p className="muted small">{say("shell.tour.nothing")}</p>
        ) : (
          <ButtonLink small kind={isNext ? "primary" : "quiet"} href={stop.place}>
            {say("shell.tour.show")}
            <span className="visually-hidden">: {say(stop.title as MessageKey)}</span>
          </ButtonLink>
        )}
      </div>
    </li>
  );
}
