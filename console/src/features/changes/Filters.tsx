/** What narrows a list of changes: kind, state and artefact. */
import { Button, SelectField, Tag } from "../../design";
import { useWords } from "../../i18n";
import { KIND_IDS, STATUS_IDS, useKindWords, useStatusWords } from "./parts";
import type { ListAsked } from "./reading";

/** The fields. */
export function Filters({
  asked,
  onSet,
}: {
  asked: ListAsked;
  onSet: (to: Readonly<Record<string, string>>) => void;
}) {
  const say = useWords();
  const kindWords = useKindWords();
  const statusWords = useStatusWords();
  const any = { id: "", label: say("changes.filter.any") };
  return (
    <div className="filters no-print">
      <SelectField
        label={say("changes.filter.kind")}
        value={asked.kind}
        options={[any, ...KIND_IDS.map((id) => ({ id, label: kindWords(id) }))]}
        onChange={(kind) => onSet({ kind: kind ?? "" })}
      />
      {asked.list === "all" && (
        <SelectField
          label={say("changes.filter.status")}
          value={asked.status}
          options={[any, ...STATUS_IDS.map((id) => ({ id, label: statusWords(id) }))]}
          onChange={(status) => onSet({ status: status ?? "" })}
        />
      )}
      {asked.name !== "" && (
        <span className="row filter-name">
          <Tag tone="accent">{say("changes.filter.name", { name: asked.name })}</Tag>
          <Button kind="plain" small icon="close" iconOnly onPress={() => onSet({ name: "" })}>
            {say("changes.filter.name-clear")}
          </Button>
        </span>
      )}
    </div>
  );
}
