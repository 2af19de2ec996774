/** Language, time zone and colour scheme: chosen once, for every screen. */
import { useMemo } from "react";
import { RadioField, SearchField, SelectField } from "../design";
import { useChoices, useWords } from "../i18n";
import { LANGUAGE_NAMES, LANGUAGES, type Language } from "../i18n/messages";
import type { Scheme } from "../i18n/remembered";

const SCHEMES: readonly Scheme[] = ["system", "light", "dark"];

/** The three choices, in force at once. */
export default function Preferences() {
  const say = useWords();
  const { choices, choose } = useChoices();
  const zones = useMemo(
    () => Intl.supportedValuesOf("timeZone").map((zone) => ({ id: zone, label: zone })),
    [],
  );
  return (
    <div className="stack">
      <SelectField
        label={say("shell.language")}
        value={choices.language}
        options={LANGUAGES.map((language) => ({ id: language, label: LANGUAGE_NAMES[language] }))}
        onChange={(key) => key !== null && choose({ language: key as Language })}
      />
      <SearchField
        label={say("shell.zone")}
        hint={say("shell.zone.hint")}
        value={choices.zone}
        options={
          zones.some((zone) => zone.id === choices.zone)
            ? zones
            : [{ id: choices.zone, label: choices.zone }, ...zones]
        }
        onChange={(key) => key !== null && choose({ zone: key })}
      />
      <RadioField
        label={say("shell.scheme")}
        value={choices.scheme}
        options={SCHEMES.map((scheme) => ({ id: scheme, label: say(`shell.scheme.${scheme}`) }))}
        onChange={(key) => choose({ scheme: key as Scheme })}
      />
    </div>
  );
}
