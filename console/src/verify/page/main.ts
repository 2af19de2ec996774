/** The one-file page: drop a pack, paste a key, read five verdicts. Plain DOM; everything is in this file. */
import "../../design/tokens.css";
import "./page.css";
import { type Outcome, type Report, type Trust, type Verdict, verifyWith } from "../client";
import StartWorker from "../worker.ts?worker&inline";
import { type Language, meaning, statusWord, verdictName, type WordName, word } from "./words";

const MARKS = { passed: "\u2713", failed: "\u2715", "not run": "\u2013", "not determinable": "?" } as const;

let language: Language = navigator.language.startsWith("de") ? "de" : "en";
let shown: { readonly name: string; readonly outcome: Outcome; readonly at: string } | null = null;
let chosen: File | null = null;
let running: AbortController | null = null;

function part<T extends HTMLElement>(id: string): T {
  const found = document.getElementById(id);
  if (found === null) throw new Error(`the page has no #${id}`);
  return found as T;
}

function element(tag: string, text: string, className = ""): HTMLElement {
  const made = document.createElement(tag);
  made.textContent = text;
  if (className !== "") made.className = className;
  return made;
}

function say(text: string): void {
  part("said").textContent = text;
}

/** Every word of the page in the chosen language. */
function translate(): void {
  document.documentElement.lang = language;
  document.title = word(language, "title");
  for (const one of document.querySelectorAll<HTMLElement>("[data-word]")) {
    one.textContent = word(language, one.dataset.word as WordName);
  }
  for (const one of document.querySelectorAll<HTMLElement>("[data-language]")) {
    one.setAttribute("aria-pressed", String(one.dataset.language === language));
  }
  show();
}

function choose(file: File | null | undefined): void {
  if (!file) return;
  chosen = file;
  part("name").textContent = file.name;
}

async function textOf(id: string): Promise<string | null> {
  const file = part<HTMLInputElement>(id).files?.[0];
  return file === undefined ? null : file.text();
}

async function trustGiven(): Promise<Trust> {
  const vkey = part<HTMLTextAreaElement>("vkey").value.trim();
  return { vkey: vkey === "" ? null : vkey, keyLists: await textOf("lists"), policy: await textOf("policy") };
}

async function run(): Promise<void> {
  if (running !== null) return;
  if (chosen === null) {
    say(word(language, "noFile"));
    part("file").focus();
    return;
  }
  const file = chosen;
  running = new AbortController();
  setBusy(true);
  say(word(language, "working"));
  const bar = part<HTMLProgressElement>("progress");
  try {
    const asked = { file, trust: await trustGiven() };
    const begin = () => new StartWorker();
    const progress = (done: number) => {
      bar.value = done;
    };
    const outcome = await verifyWith(begin, asked, progress, running.signal);
    shown = { name: file.name, outcome, at: `${new Date().toISOString().slice(0, 19)}Z` };
    say("");
    show();
    part("result").focus();
  } catch (error) {
    const isCancelled = error instanceof DOMException && error.name === "AbortError";
    say(word(language, isCancelled ? "cancelled" : "noWorker"));
  } finally {
    running = null;
    setBusy(false);
  }
}

function setBusy(isBusy: boolean): void {
  part("progress").hidden = !isBusy;
  part("cancel").hidden = !isBusy;
  part<HTMLButtonElement>("verify").disabled = isBusy;
  part<HTMLProgressElement>("progress").value = 0;
}

function show(): void {
  const result = part("result");
  result.hidden = shown === null;
  if (shown === null) return;
  const { name, outcome, at } = shown;
  const heading = element("h2", name);
  if (outcome.kind !== "verified") {
    const why = word(language, outcome.kind === "no pack" ? "noPack" : "badTrust");
    const told = element("p", outcome.text, "told");
    told.lang = "en";
    result.replaceChildren(heading, tag("failed", why), told);
    return;
  }
  const { report } = outcome;
  const list = element("ol", "", "verdicts");
  list.append(...report.verdicts.map(row));
  const print = element("button", word(language, "print"));
  print.addEventListener("click", () => window.print());
  result.replaceChildren(heading, summary(report), list, facts(report, at), ...notes(report), print);
}

function summary({ good, verdicts }: Report): HTMLElement {
  const failed = verdicts.filter((one) => one.status === "failed").length;
  if (good) return tag("passed", word(language, "proven"));
  if (failed > 0) return tag("failed", word(language, "unproven", failed));
  const unknown = verdicts.filter((one) => one.status === "not determinable").length;
  return tag("not determinable", word(language, "undecided", unknown));
}

function tag(status: Verdict["status"], text: string): HTMLElement {
  const made = element("span", "", `tag ${status.replace(" ", "-")}`);
  const mark = element("span", MARKS[status]);
  mark.setAttribute("aria-hidden", "true");
  made.append(mark, ` ${text}`);
  return made;
}

function row(verdict: Verdict): HTMLElement {
  const made = element("li", "");
  made.dataset.verdict = String(verdict.number);
  made.dataset.status = verdict.status;
  const told = element("p", verdict.text, "told");
  told.lang = "en";
  const why = meaning(language, verdict);
  const head = element("div", "", "head");
  head.append(
    element("h3", verdictName(language, verdict)),
    tag(verdict.status, statusWord(language, verdict.status)),
  );
  made.append(head, ...(why === "" ? [] : [element("p", why)]), told);
  return made;
}

function facts(report: Report, at: string): HTMLElement {
  const { position } = report;
  const told: readonly (readonly [WordName, string | undefined])[] = [
    ["log", position?.origin],
    ["entries", report.entries?.toLocaleString(language)],
    ["size", position?.size.toLocaleString(language)],
    ["root", position?.root],
    ["strength", report.strength],
    ["at", at],
  ];
  const list = element("dl", "");
  for (const [name, value] of told) {
    if (value !== undefined) list.append(element("dt", word(language, name)), element("dd", value));
  }
  return list;
}

function notes(report: Report): HTMLElement[] {
  return report.notes.map((note) => {
    const made = element("p", note, "note");
    made.lang = "en";
    return made;
  });
}

function listen(): void {
  const zone = part("zone");
  const file = part<HTMLInputElement>("file");
  file.addEventListener("change", () => choose(file.files?.[0]));
  for (const name of ["dragenter", "dragover"]) {
    zone.addEventListener(name, (event) => {
      event.preventDefault();
      zone.classList.add("over");
    });
  }
  zone.addEventListener("dragleave", () => zone.classList.remove("over"));
  zone.addEventListener("drop", (event) => {
    event.preventDefault();
    zone.classList.remove("over");
    choose(event.dataTransfer?.files[0]);
    void run();
  });
  part("form").addEventListener("submit", (event) => {
    event.preventDefault();
    void run();
  });
  part("cancel").addEventListener("click", () => running?.abort());
  for (const one of document.querySelectorAll<HTMLElement>("[data-language]")) {
    one.addEventListener("click", () => {
      language = one.dataset.language === "de" ? "de" : "en";
      translate();
    });
  }
  part("saving").hidden = !location.protocol.startsWith("http");
}

listen();
translate();
