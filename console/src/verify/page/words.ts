/** The words of the one-file page, in English and German. What the verifier itself says stays as verify.py says it. */
import type { Status, Verdict } from "../told";

const en = {
  title: "Verify an evidence pack",
  lead: "The check runs in this browser. Nothing is sent anywhere, and it works with the network unplugged.",
  drop: "Drop a pack here",
  choose: "or choose a file",
  keys: "Keys you trust",
  keysWhy:
    "A signature proves who signed only if you got the key from somewhere else. Paste the log's verifier key as you were given it, not from the pack.",
  vkey: "Verifier key of the log",
  lists: "Signed lists of the log's keys (optional)",
  policy: "Witnesses you trust, a policy file (optional)",
  verify: "Verify",
  cancel: "Cancel",
  cancelled: "Cancelled. Nothing was decided.",
  working: "Verifying",
  noFile: "Choose a pack first.",
  noWorker:
    "The verifier could not be started in this browser. Use verify.py, which needs Python 3.11 and nothing else.",
  noPack: "This is no evidence pack",
  badTrust: "What you gave from outside cannot be used",
  proven: "Proven: verdicts 1 to 4 passed",
  unproven: "Not proven: {count} failed",
  undecided: "Not proven: nothing failed, {count} cannot be determined",
  column: "Result",
  entries: "Entries",
  log: "Log",
  size: "Size of the tree",
  root: "Root hash",
  strength: "Strength",
  at: "Verified at",
  print: "Print",
  save: "Save this page as one file",
  sum: "its SHA-256",
  own: "Compare the SHA-256 of this file with the published one before you rely on it.",
} as const;

/** The name of a word. */
export type WordName = keyof typeof en;

const de: Record<WordName, string> = {
  title: "Beweispaket prüfen",
  lead: "Geprüft wird in diesem Browser. Nichts wird gesendet, und es geht auch ohne Netz.",
  drop: "Paket hier ablegen",
  choose: "oder Datei wählen",
  keys: "Schlüssel, denen Sie trauen",
  keysWhy:
    "Eine Signatur beweist nur dann, wer signiert hat, wenn Sie den Schlüssel von anderswo haben. Fügen Sie den Prüfschlüssel des Logs so ein, wie Sie ihn bekamen, nicht aus dem Paket.",
  vkey: "Prüfschlüssel des Logs",
  lists: "Signierte Listen der Schlüssel des Logs (freiwillig)",
  policy: "Zeugen, denen Sie trauen, als Richtliniendatei (freiwillig)",
  verify: "Prüfen",
  cancel: "Abbrechen",
  cancelled: "Abgebrochen. Nichts wurde entschieden.",
  working: "Prüfung läuft",
  noFile: "Wählen Sie zuerst ein Paket.",
  noWorker:
    "Die Prüfung ließ sich in diesem Browser nicht starten. Nehmen Sie verify.py, das nur Python 3.11 braucht.",
  noPack: "Das ist kein Beweispaket",
  badTrust: "Was Sie mitgebracht haben, ist nicht brauchbar",
  proven: "Bewiesen: Urteile 1 bis 4 bestanden",
  unproven: "Nicht bewiesen: {count} nicht bestanden",
  undecided: "Nicht bewiesen: nichts durchgefallen, {count} nicht feststellbar",
  column: "Ergebnis",
  entries: "Einträge",
  log: "Log",
  size: "Größe des Baums",
  root: "Wurzelhash",
  strength: "Beweiskraft",
  at: "Geprüft am",
  print: "Drucken",
  save: "Diese Seite als eine Datei sichern",
  sum: "deren SHA-256",
  own: "Vergleichen Sie den SHA-256 dieser Datei mit dem veröffentlichten, bevor Sie sich darauf verlassen.",
};

/** Languages of the page. */
export type Language = "en" | "de";

const WORDS: Record<Language, Record<WordName, string>> = { en, de };

/** A word in a language, with a number where it has a place for one. */
export function word(language: Language, name: WordName, count = 0): string {
  return WORDS[language][name].replace("{count}", String(count));
}

const STATUS: Record<Language, Record<Status, string>> = {
  en: { passed: "Passed", failed: "Failed", "not run": "Not run", "not determinable": "Not determinable" },
  de: {
    passed: "Bestanden",
    failed: "Nicht bestanden",
    "not run": "Nicht geprüft",
    "not determinable": "Nicht feststellbar",
  },
};

/** A status in words. */
export function statusWord(language: Language, status: Status): string {
  return STATUS[language][status];
}

const NAMES: Record<Language, readonly string[]> = {
  en: [
    "Files intact",
    "Entries included and log consistent",
    "Signatures by keys valid then",
    "Complete",
    "Semantics derived again",
  ],
  de: [
    "Dateien unversehrt",
    "Einträge enthalten, Log widerspruchsfrei",
    "Signaturen von damals gültigen Schlüsseln",
    "Vollständig",
    "Bedeutung neu hergeleitet",
  ],
};

/** The name of a verdict. */
export function verdictName(language: Language, verdict: Verdict): string {
  return NAMES[language][verdict.number - 1] ?? verdict.name;
}

const FAILED: Record<Language, readonly string[]> = {
  en: [
    "A file was changed, added or removed after the pack was sealed.",
    "An entry, a proof or an opened value is not what the log holds: it was changed, moved, left out or put in.",
    "The pack was not signed by the key you brought, or by one that it leads to: somebody else may have made it.",
    "Entries of a subject are missing, or more are there than the log counted.",
    "",
  ],
  de: [
    "Eine Datei wurde nach dem Versiegeln geändert, hinzugefügt oder entfernt.",
    "Ein Eintrag, ein Beweis oder ein geöffneter Wert ist nicht, was im Log steht: geändert, verschoben, weggelassen oder eingefügt.",
    "Das Paket ist nicht mit dem mitgebrachten Schlüssel signiert und mit keinem, zu dem er führt: ein anderer kann es gemacht haben.",
    "Einträge eines Gegenstands fehlen, oder es sind mehr, als das Log gezählt hat.",
    "",
  ],
};

const UNKNOWN: Record<Language, string> = {
  en: "Without the right key from elsewhere nobody can tell whose log this is.",
  de: "Ohne den richtigen Schlüssel von anderswo lässt sich nicht sagen, wessen Log das ist.",
};

const UNRUN: Record<Language, string> = {
  en: "Run verify.py or muniment verify-pack for this verdict.",
  de: "Für dieses Urteil verify.py oder muniment verify-pack laufen lassen.",
};

/** What a verdict that did not pass means; empty for one that passed. */
export function meaning(language: Language, { number, status }: Verdict): string {
  if (status === "failed") return FAILED[language][number - 1] ?? "";
  if (status === "not determinable") return UNKNOWN[language];
  return status === "not run" ? UNRUN[language] : "";
}
