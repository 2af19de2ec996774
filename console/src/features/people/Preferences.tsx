/** How a person wants to be told of what concerns them: the fields below the list. */

import { useQueryClient } from "@tanstack/react-query";
import { useState } from "react";
import { useWrite } from "../../api/writing";
import {
  Button,
  CheckboxField,
  problemOf,
  QueryView,
  SelectField,
  TextField,
  WriteProblem,
} from "../../design";
import { focusFault } from "../../design/focus_back";
import { useWords } from "../../i18n";
import { type Preferences, prefer, usePreferences } from "./people";
import "./people.css";

const LANGUAGES = ["en", "de"] as const;

/** The fields, once it is known what was chosen before. */
export default function PreferencesOf() {
  return (
    <QueryView query={usePreferences()} lines={4}>
      {(data) => <Chosen before={data} />}
    </QueryView>
  );
}

/** Mail, the organisation's hook, the language, and work offered to a whole role. */
function Chosen({ before }: { before: Preferences }) {
  const say = useWords();
  const queries = useQueryClient();
  const [chosen, setChosen] = useState(before);
  const save = useWrite({
    send: () => prefer(chosen),
    onSuccess: () => queries.invalidateQueries({ queryKey: ["notification-preferences"] }),
  });
  const [isTold, setTold] = useState(false);
  const change = (changes: Partial<Preferences>) => {
    setChosen({ ...chosen, ...changes });
    if (save.isSuccess) save.reset(); // what is changed is not saved any more
  };
  const isMissing = chosen.mail && chosen.address.trim() === "";
  const go = () => {
    setTold(true);
    if (isMissing) focusFault();
    else save.mutate();
  };
  return (
    <div className="stack preferences">
      <CheckboxField
        label={say("notifications.mail")}
        value={chosen.mail}
        onChange={(mail) => change({ mail })}
      />
      <TextField
        label={say("notifications.address")}
        hint={say("notifications.address.hint")}
        type="email"
        maxLength={254}
        required={chosen.mail}
        value={chosen.address}
        error={isTold && isMissing ? say("notifications.address.missing") : undefined}
        onChange={(address) => change({ address })}
      />
      <SelectField
        label={say("notifications.language")}
        value={chosen.language}
        onChange={(to) => change({ language: LANGUAGES.find((one) => one === to) ?? "en" })}
        options={LANGUAGES.map((one) => ({ id: one, label: say(`notifications.language.${one}`) }))}
      />
      <CheckboxField
        label={say("notifications.hook")}
        hint={say("notifications.hook.hint")}
        value={chosen.hook}
        onChange={(hook) => change({ hook })}
      />
      <CheckboxField
        label={say("notifications.group")}
        hint={say("notifications.group.hint")}
        value={chosen.group_work}
        onChange={(group_work) => change({ group_work })}
      />
      <div className="row">
        <Button busy={save.isPending} onPress={go}>
          {say("notifications.save")}
        </Button>
        {save.isSuccess && (
          <span className="small muted" role="status">
            {say("notifications.saved")}
          </span>
        )}
      </div>
      {save.error !== null && <WriteProblem problem={problemOf(save.error)} />}
    </div>
  );
}
