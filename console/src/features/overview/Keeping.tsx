/** Figures taken along: as a file, or on paper. Loaded beside them, not before. */
import { useMe } from "../../api/session";
import { Button } from "../../design";
import { useWords } from "../../i18n";
import { usePrinted } from "../../shell/printed";
import { csvOf, saveFile } from "../../shell/saving";
import { rowsOf } from "./figure_rows";
import type { Figures } from "./queries";

/** Saves the figures as they stand, or puts them on paper. */
export default function Keeping({ figures }: { figures: Figures }) {
  const say = useWords();
  const { log } = useMe();
  usePrinted(say("print.overview", { log, size: figures.size, head: figures.head }));
  return (
    <span className="row no-print">
      <Button icon="down" onPress={() => saveFile(csvOf(rowsOf(figures)), `overview-${figures.size}.csv`)}>
        {say("instances.csv")}
      </Button>
      <Button onPress={() => window.print()}>{say("overview.print")}</Button>
    </span>
  );
}
