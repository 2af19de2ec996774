/** Language, time zone and colour scheme for everything below; `useWords`, `useFormats` and `useChoices` read them. */
import {
  createContext,
  type ReactNode,
  Suspense,
  use,
  useEffect,
  useMemo,
  useState,
  useTransition,
} from "react";
import { I18nProvider } from "react-aria-components";
import { type Formats, formatsOf } from "./formats";
import { LOCALES, messagesOf, type Say, sayer } from "./messages";
import { applyScheme, type Choices, remember, remembered } from "./remembered";

interface Setting {
  readonly choices: Choices;
  readonly choose: (changed: Partial<Choices>) => void;
}

const SayContext = createContext<Say | null>(null);
const FormatsContext = createContext<Formats | null>(null);
const SettingContext = createContext<Setting | null>(null);

/** Gives the words of the chosen language; waits for its file, and keeps the old one shown while another loads. */
export function LocaleProvider(props: { children: ReactNode; initial?: Choices }) {
  const [choices, setChoices] = useState(() => props.initial ?? remembered());
  const [, startTransition] = useTransition();
  const setting = useMemo<Setting>(
    () => ({
      choices,
      choose: (changed) => {
        const next = { ...choices, ...changed };
        remember(next);
        startTransition(() => setChoices(next));
      },
    }),
    [choices],
  );
  useEffect(() => {
    document.documentElement.lang = choices.language;
    applyScheme(choices.scheme);
  }, [choices]);
  return (
    <SettingContext value={setting}>
      <Suspense fallback={null}>
        <Spoken choices={choices}>{props.children}</Spoken>
      </Suspense>
    </SettingContext>
  );
}

/** Everything below speaks the language of `choices`. */
function Spoken({ choices, children }: { choices: Choices; children: ReactNode }) {
  const messages = use(messagesOf(choices.language));
  const locale = LOCALES[choices.language];
  const say = useMemo(() => sayer(messages, locale), [messages, locale]);
  const formats = useMemo(() => formatsOf(locale, choices.zone), [locale, choices.zone]);
  return (
    <I18nProvider locale={locale}>
      <SayContext value={say}>
        <FormatsContext value={formats}>{children}</FormatsContext>
      </SayContext>
    </I18nProvider>
  );
}

/** Puts a message into the person's language: `const say = useWords(); say("sign.title")`. */
export function useWords(): Say {
  return given(use(SayContext));
}

/** Numbers, money, dates and spans as the person reads them. */
export function useFormats(): Formats {
  return given(use(FormatsContext));
}

/** The language, zone and scheme in force, and how to choose others. */
export function useChoices(): Setting {
  return given(use(SettingContext));
}

function given<T>(value: T | null): T {
  if (value === null) throw new Error("expected a LocaleProvider above");
  return value;
}
