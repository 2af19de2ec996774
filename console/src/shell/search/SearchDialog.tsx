/** Search over everything somebody may read, and a way to every screen, without leaving the keyboard. */
import { keepPreviousData, useQuery } from "@tanstack/react-query";
import { type KeyboardEvent, useEffect, useState } from "react";
import {
  Dialog as AriaDialog,
  SearchField as AriaSearchField,
  Autocomplete,
  Collection,
  Header,
  Input,
  ListBox,
  ListBoxItem,
  ListBoxSection,
  Modal,
  ModalOverlay,
  Text,
} from "react-aria-components";
import { useNavigate } from "react-router";
import { client, given } from "../../api/client";
import { useMe } from "../../api/session";
import { Icon, ProblemState, problemOf } from "../../design";
import { dateOf, type Say, useChoices, useFormats, useWords } from "../../i18n";
import { signOut } from "../leaving";
import type { Kind } from "../places";
import { isOffered, SCREENS } from "../screens";
import {
  type Choice,
  detailOf,
  type Found,
  foundGroups,
  type Group,
  matching,
  recentChoices,
} from "./choices";
import { recentOf, remember } from "./recent";

const PAUSE = 150; // ms after the last key before the server is asked
const LONGEST = 200;
const KEPT = 30_000; // ms: what was found may be confidential, and is soon found again

export interface SearchDialogProps {
  onClose: () => void;
  onHelp: () => void;
}

/** The dialog: a field, and a list that arrow keys walk while focus stays in the field. */
export default function SearchDialog({ onClose, onHelp }: SearchDialogProps) {
  const say = useWords();
  const navigate = useNavigate();
  const owner = useMe().session?.id ?? "";
  const [text, setText] = useState("");
  const wanted = usePaused(text.trim(), PAUSE);
  const found = useQuery({
    queryKey: ["search", wanted],
    queryFn: ({ signal }) => given(client.GET("/v1/search", { params: { query: { q: wanted } }, signal })),
    enabled: wanted !== "",
    placeholderData: keepPreviousData,
    gcTime: KEPT,
    retry: false,
  });
  const isAsking = text.trim() !== wanted || (wanted !== "" && (found.isPlaceholderData || found.isPending));
  const answer = wanted === "" ? undefined : found.data;
  const groups = useGroups(text, answer, owner, { onHelp });
  const choose = (choice: Choice) => {
    if (choice.opened) remember(owner, choice.opened);
    onClose();
    choice.run?.();
    if (choice.place !== undefined) navigate(choice.place);
  };
  const choices = groups.flatMap((group) => group.choices);
  const byKey = (key: string) => choices.find((choice) => choice.key === key);
  // What came late has not been walked to: Enter means the first.
  const onKey = (event: KeyboardEvent<HTMLInputElement>) => {
    if (event.key === "Escape") onClose(); // rather than first clearing the field
    const isWalking = event.currentTarget.getAttribute("aria-activedescendant");
    const first = choices[0];
    if (event.key === "Enter" && !isWalking && !isAsking && first !== undefined) choose(first);
  };
  return (
    <ModalOverlay
      className="scrim search-scrim"
      isOpen
      isDismissable
      onOpenChange={(isOpen) => {
        if (!isOpen) onClose();
      }}
    >
      <Modal className="search">
        <AriaDialog aria-label={say("search.title")} className="search-inside">
          <Autocomplete inputValue={text} onInputChange={setText}>
            <AriaSearchField className="search-line" aria-label={say("search.label")} autoFocus>
              <Icon name="search" />
              <Input
                className="bare"
                type="text"
                role="combobox"
                aria-expanded="true"
                aria-haspopup="listbox"
                placeholder={say("search.hint")}
                maxLength={LONGEST}
                onKeyDownCapture={onKey}
              />
              {isAsking && <span className="spinner" aria-hidden="true" />}
              <span aria-hidden="true">
                <kbd>{say("search.escape")}</kbd>
              </span>
            </AriaSearchField>
            <ListBox
              className="search-list"
              aria-label={say("search.results")}
              items={groups.map((group) => ({ ...group, id: group.key }))}
              onAction={(key) => {
                const choice = byKey(String(key));
                if (choice) choose(choice);
              }}
              renderEmptyState={() =>
                isAsking || found.error ? null : (
                  <p className="list-none">{say("search.none", { text: wanted })}</p>
                )
              }
            >
              {(group) => (
                <ListBoxSection id={group.key} className="search-group">
                  <Header>{group.title}</Header>
                  <Collection items={group.choices.map((choice) => ({ ...choice, id: choice.key }))}>
                    {(choice) => <Line choice={choice} />}
                  </Collection>
                </ListBoxSection>
              )}
            </ListBox>
          </Autocomplete>
          <Below found={answer} error={wanted === "" ? null : found.error} say={say} />
          <p className="visually-hidden" role="status">
            {text.trim() === "" || isAsking ? "" : say("search.count", { count: choices.length })}
          </p>
        </AriaDialog>
      </Modal>
    </ModalOverlay>
  );
}

/** One line of the list. */
function Line({ choice }: { choice: Choice }) {
  return (
    <ListBoxItem id={choice.key} className="search-item" textValue={choice.title}>
      <Icon name={choice.icon} />
      <Text slot="label">{choice.title}</Text>
      {choice.detail && (
        <Text slot="description" className="search-detail">
          {choice.detail}
        </Text>
      )}
    </ListBoxItem>
  );
}

/** What the list does not say: what was not searched, what was not looked through, what failed. */
function Below({ found, error, say }: { found: Found | undefined; error: unknown; say: Say }) {
  if (error) return <ProblemState problem={problemOf(error)} />;
  const named = (kinds: readonly Kind[]) => kinds.map((kind) => say(`search.kind.${kind}`)).join(", ");
  const refused = found?.groups.filter((group) => group.refused !== null).map((group) => group.kind) ?? [];
  const partial = found?.groups.filter((group) => group.is_partial).map((group) => group.kind) ?? [];
  if (refused.length === 0 && partial.length === 0) return null;
  return (
    <div className="search-below muted small">
      {partial.length > 0 && <p>{say("search.partial", { kinds: named(partial) })}</p>}
      {refused.length > 0 && <p>{say("search.refused", { kinds: named(refused) })}</p>}
    </div>
  );
}

/** Everything on offer, in the order of the list. */
function useGroups(
  text: string,
  found: Found | undefined,
  owner: string,
  { onHelp }: { onHelp: () => void },
): readonly Group[] {
  const say = useWords();
  const formats = useFormats();
  const { choices: chosen, choose } = useChoices();
  const { may } = useMe();
  const name = (kind: Kind) => say(`search.kind.${kind}`);
  const isDark =
    chosen.scheme === "dark" ||
    (chosen.scheme === "system" && window.matchMedia("(prefers-color-scheme: dark)").matches);
  const places = SCREENS.filter((screen) => !screen.path.includes(":") && isOffered(screen, may)).map(
    (screen): Choice => ({
      key: `place ${screen.path}`,
      icon: screen.nav?.icon ?? "arrow",
      title: say(screen.title),
      place: `/${screen.path}`,
    }),
  );
  const commands: readonly Choice[] = [
    { key: "run help", icon: "info", title: say("help.title"), run: onHelp },
    {
      key: "run scheme",
      icon: "refresh",
      title: say(isDark ? "search.light" : "search.dark"),
      run: () => choose({ scheme: isDark ? "light" : "dark" }),
    },
    { key: "run sign-out", icon: "arrow", title: say("shell.sign-out"), run: () => void signOut() },
  ];
  const recent = text.trim() === "" ? recentChoices(recentOf(owner), name) : [];
  const groups: readonly Group[] = [
    { key: "recent", title: say("search.recent"), choices: recent },
    { key: "places", title: say("search.places"), choices: matching(places, text) },
    { key: "commands", title: say("search.commands"), choices: matching(commands, text) },
  ];
  return [
    ...groups.filter((group) => group.choices.length > 0),
    ...(text.trim() === ""
      ? []
      : foundGroups(found, name, (kind, item) =>
          detailOf(kind, item, say, (at) => formats.dateTime(dateOf(at))),
        )),
  ];
}

/** The value as it was when it last rested for `pause` milliseconds; an empty one at once. */
function usePaused(value: string, pause: number): string {
  const [rested, setRested] = useState(value);
  useEffect(() => {
    const timer = setTimeout(() => setRested(value), value === "" ? 0 : pause);
    return () => clearTimeout(timer);
  }, [value, pause]);
  return rested;
}
