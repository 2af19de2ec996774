/** One version of a blueprint: drawn, in plain words, as its source, and the versions before and after it. */
import { type UseQueryResult, useQuery } from "@tanstack/react-query";
import { lazy, Suspense } from "react";
import { Link } from "react-aria-components";
import { useParams, useSearchParams } from "react-router";
import { useLive } from "../../api/live";
import { useMay } from "../../api/session";
import {
  Button,
  ButtonLink,
  Empty,
  Hash,
  Icon,
  Loading,
  QueryView,
  ServerWords,
  Tabs,
  Tag,
  Time,
  visible,
} from "../../design";
import { Diagram, type DiagramLayout, Words } from "../../diagram";
import { useWords } from "../../i18n";
import { Page } from "../../shell/Page";
import type { Wording } from "../../wordings/told";
import { nameOf } from "../changes/reading";
import { SourceText } from "../changes/SourceText";
import { drawingQuery, openChangesQuery, type Version, versionQuery } from "./reading";
import "../changes/changes.css";

/** Its tables and lists are loaded when somebody looks at the history. */
const History = lazy(async () => ({ default: (await import("./History")).History }));

const TABS = ["diagram", "words", "source", "history"] as const;

/** The screen. Tab, step and compared versions stand in the address. */
export function Component() {
  const say = useWords();
  const may = useMay();
  const { id = "", n = null } = useParams();
  const version = useQuery(versionQuery(id, n));
  useLive("inbox", [
    ["blueprint", id, "version"],
    ["blueprint", id, "versions"],
    ["changes", "of", id],
  ]);
  const found = version.data;
  const isCurrent = found !== undefined && found.version === found.current_version && !found.retired;
  return (
    <Page
      title={found?.title || id}
      lead={found && <Lead version={found} />}
      actions={
        found !== undefined && (
          <>
            <Tag tone={isCurrent ? "good" : "neutral"}>{standsAs(say, found, isCurrent)}</Tag>
            {!isCurrent && !found.retired && (
              <ButtonLink href={`/blueprints/${id}/v/${found.current_version}`}>
                {say("blueprints.see-current", { version: found.current_version })}
              </ButtonLink>
            )}
            {isCurrent && may("change-request:propose") && (
              <ButtonLink icon="add" href={`/changes/new?name=${encodeURIComponent(id)}`}>
                {say("blueprints.propose")}
              </ButtonLink>
            )}
          </>
        )
      }
    >
      <QueryView query={version} lines={8}>
        {(read) => (
          <>
            {may("change-request:read") && isCurrent && <UnderWay id={id} />}
            <Views id={id} version={read} />
          </>
        )}
      </QueryView>
    </Page>
  );
}

function standsAs(say: ReturnType<typeof useWords>, version: Version, isCurrent: boolean): string {
  if (version.retired) return say("blueprints.ended");
  return say(isCurrent ? "blueprints.in-force" : "blueprints.replaced", { version: version.version });
}

/** Who owns it, who wrote and approved it, and when it came in force. */
function Lead({ version }: { version: Version }) {
  const say = useWords();
  const names = (ids: readonly string[]) => ids.map((one) => nameOf(version.people, one)).join(", ");
  return (
    <>
      <p>
        {version.owner !== "" && `${say("blueprints.owner", { owner: version.owner })} `}
        {say("blueprints.made", { authors: names(version.authors), approvers: names(version.approvers) })}{" "}
        <Time at={version.released_at} />
      </p>
      <p className="row small">
        <span className="mono">{version.name}</span>
        <Hash value={version.digest} label={say("changes.digest")} />
      </p>
    </>
  );
}

/** Changes that are under way. */
function UnderWay({ id }: { id: string }) {
  const say = useWords();
  const changes = useQuery(openChangesQuery(id)).data?.items ?? [];
  if (changes.length === 0) return null;
  return (
    <p className="notice-line">
      <Icon name="changed" />
      <span>
        {say("blueprints.under-way", { count: changes.length })}{" "}
        {changes.map((change, place) => (
          <span key={change.id}>
            {place > 0 && ", "}
            <Link href={`/changes/${change.id}`}>{visible(change.title)}</Link>
          </span>
        ))}
      </span>
    </p>
  );
}

/** The tabs. The drawing and the words select the same step. */
function Views({ id, version }: { id: string; version: Version }) {
  const say = useWords();
  const [search, setSearch] = useSearchParams();
  const n = String(version.version);
  const drawing = useQuery({ ...drawingQuery(id, n), enabled: !version.retired });
  const set = (name: string, value: string) =>
    setSearch(
      (before) => {
        before.set(name, value);
        return before;
      },
      { replace: true },
    );
  const tab = TABS.find((one) => one === search.get("tab")) ?? (version.retired ? "history" : "diagram");
  const ended = <Empty title={say("blueprints.ends-here")}>{say("blueprints.ends-here-next")}</Empty>;
  const contents = {
    diagram: version.retired ? (
      ended
    ) : (
      <Drawing drawing={drawing} version={version} search={search} onSet={set} />
    ),
    words: version.retired ? (
      ended
    ) : (
      <InWords drawing={drawing} version={version} search={search} onSet={set} />
    ),
    source: version.retired ? ended : <Source id={id} version={version} />,
    history: (
      <Suspense fallback={<Loading />}>
        <History id={id} />
      </Suspense>
    ),
  };
  return (
    <Tabs
      label={version.title || id}
      selected={tab}
      onSelect={(to) => set("tab", to)}
      tabs={TABS.map((one) => ({ id: one, title: say(`blueprints.tab.${one}`), content: contents[one] }))}
    />
  );
}

interface ViewProps {
  drawing: UseQueryResult<{ diagram: DiagramLayout }>;
  version: Version;
  search: URLSearchParams;
  onSet: (name: string, value: string) => void;
}

const BEFORE_STEPS = 2; // purpose and start stand before the first step

/** What is said of a step, without its title, which stands above it. */
function withoutTitle(wording: Wording): Wording {
  const { said } = wording.arguments;
  return wording.code === "words.step" && said !== undefined
    ? { code: "part.sentence", arguments: { said } }
    : wording;
}

/** Steps in the order of the source, as words number them: without the start and the joins. */
function stepsOf(layout: DiagramLayout | undefined): readonly string[] {
  return (layout?.nodes ?? [])
    .filter((node) => node.kind !== "start" && node.kind !== "join")
    .map((node) => node.id);
}

/** The drawing, and the words of the step that is selected. */
function Drawing({ drawing, version, search, onSet }: ViewProps) {
  const say = useWords();
  const selected = search.get("step");
  const place = stepsOf(drawing.data?.diagram).indexOf(selected ?? "");
  const at = place === -1 ? 0 : place + BEFORE_STEPS;
  const [words = "", wording] = [version.words[at], version.wordings[at]];
  const title = drawing.data?.diagram.nodes.find((node) => node.id === selected)?.title;
  return (
    <QueryView query={drawing} lines={8}>
      {(read) => (
        <div className="split">
          <Diagram layout={read.diagram} selected={selected} onSelect={(node) => onSet("step", node)} />
          <section
            className="pane stack tight step-words"
            aria-live="polite"
            aria-label={say("blueprints.step")}
          >
            <h2>{place === -1 ? say("blueprints.purpose") : visible(title ?? "")}</h2>
            <p>
              <ServerWords
                text={words.startsWith(`${title}. `) ? words.slice(`${title}. `.length) : words}
                wording={wording && withoutTitle(wording)}
              />
            </p>
            {place === -1 && <p className="small muted">{say("blueprints.step.choose")}</p>}
            {place !== -1 && (
              <div className="row no-print">
                <Button small onPress={() => onSet("tab", "words")}>
                  {say("blueprints.step.in-words")}
                </Button>
              </div>
            )}
          </section>
        </div>
      )}
    </QueryView>
  );
}

/** The whole in plain words. */
function InWords({ drawing, version, search, onSet }: ViewProps) {
  const steps = stepsOf(drawing.data?.diagram);
  const place = steps.indexOf(search.get("step") ?? "");
  return (
    <Words
      words={version.words}
      wordings={version.wordings}
      selected={place === -1 ? null : place + 1}
      onSelect={(number) => {
        const step = steps[number - 1];
        if (step !== undefined) onSet("step", step);
      }}
    />
  );
}

/** The text exactly as it was approved. */
function Source({ id, version }: { id: string; version: Version }) {
  const say = useWords();
  const at = `/v1/blueprints/${encodeURIComponent(id)}/versions/${version.version}/source`;
  return (
    <div className="stack tight">
      <div className="row apart">
        <p className="muted">{say("blueprints.source.approved", { version: version.version })}</p>
        <span className="row no-print">
          <Button icon="copy" onPress={() => void navigator.clipboard.writeText(version.source)}>
            {say("blueprints.source.copy")}
          </Button>
          <ButtonLink icon="down" href={at} download={`${id}-${version.version}.yaml`}>
            {say("blueprints.source.download")}
          </ButtonLink>
        </span>
      </div>
      <SourceText text={version.source} label={say("blueprints.tab.source")} />
    </div>
  );
}
