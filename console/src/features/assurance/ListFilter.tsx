/** Narrows a list that is here already: by words in it, and where it can be, to what ends soon. */
import { CheckboxField } from "../../design";
import { useWords } from "../../i18n";
import { TypedFilter } from "./TypedFilter";

export interface ListFilterProps {
  text: string;
  onText: (text: string) => void;
  /** With a box for what ends soon. */
  soon?: boolean;
  onSoon?: (soon: boolean) => void;
}

/** The fields; what is typed stands in the address at once. */
export default function ListFilter({ text, onText, soon, onSoon }: ListFilterProps) {
  const say = useWords();
  return (
    <>
      <TypedFilter label={say("access.filter")} value={text} onChange={onText} />
      {soon !== undefined && onSoon && (
        <CheckboxField label={say("authorities.only-soon")} value={soon} onChange={onSoon} />
      )}
    </>
  );
}
