/** What a person chooses for all screens at once: language, time zone, appearance. For the header. */
import { type MessageKey, useChoices, useWords } from "../../i18n";
import { zones } from "../../i18n/formats";
import { LANGUAGE_NAMES, LANGUAGES } from "../../i18n/messages";
import type { Scheme } from "../../i18n/remembered";
import { SearchField, SelectField } from "./SelectField";

const SCHEMES: Readonly<Record<Scheme, MessageKey>> = {
  system: "choices.system",
  light: "choices.light",
  dark: "choices.dark",
};

/** The language of words, numbers and dates. */
export function LanguageChoice() {
  const say = useWords();
  const { choices, choose } = useChoices();
  return (
    <SelectField
      label={say("choices.language")}
      options={LANGUAGES.map((id) => ({ id, label: LANGUAGE_NAMES[id] }))}
      value={choices.language}
      onChange={(id) => choose({ language: LANGUAGES.find((language) => language === id) ?? "en" })}
    />
  );
}

const ZONES = zones().map((id) => ({ id, label: id.replaceAll("_", " ") }));

/** The time zone of every time on every screen; evidence stays in UTC. */
export function ZoneChoice() {
  const say = useWords();
  const { choices, choose } = useChoices();
  return (
    <SearchField
      label={say("choices.zone")}
      hint={say("choices.zone-hint")}
      options={ZONES}
      value={choices.zone}
      onChange={(zone) => {
        if (zone !== null) choose({ zone });
      }}
    />
  );
}

/** Light, dark, or as the system has it. */
export function SchemeChoice() {
  const say = useWords();
  const { choices, choose } = useChoices();
  const schemes: readonly Scheme[] = ["system", "light", "dark"];
  return (
    <SelectField
      label={say("choices.appearance")}
      options={schemes.map((id) => ({ id, label: say(SCHEMES[id]) }))}
      value={choices.scheme}
      onChange={(id) => choose({ scheme: schemes.find((scheme) => scheme === id) ?? "system" })}
    />
  );
}
