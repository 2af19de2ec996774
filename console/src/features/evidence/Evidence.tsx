/** Evidence packs: those on the record, and building another. */
import { useInfiniteQuery } from "@tanstack/react-query";
import { lazy, Suspense, useState } from "react";
import { Link, useSearchParams } from "react-router";
import { client, given } from "../../api/client";
import type { components } from "../../api/schema";
import { useMay } from "../../api/session";
import { Button, ButtonLink, Empty, Hash, Loading, PagedView, Table, Tag, Time } from "../../design";
import { useFormats, useWords } from "../../i18n";
import { Page } from "../../shell/Page";
import { useCalled } from "../assurance/called";
import { EntryLink } from "../assurance/parts";
import { PACKS } from "./packs";
import "../assurance/assurance.css";

type Pack = components["schemas"]["PackListed"];
type Text = Pack["purpose"];

const Build = lazy(() => import("./Build"));

/** The screen. */
export function Component() {
  const say = useWords();
  const may = useMay();
  const [params] = useSearchParams();
  const [isBuilding, setBuilding] = useState(params.has("instance"));
  const mayBuild = may("evidence-pack:pack");
  return (
    <Page
      title={say("evidence.title")}
      lead={say("evidence.lead")}
      actions={
        <>
          {mayBuild && !isBuilding && (
            <Button kind="primary" icon="add" onPress={() => setBuilding(true)}>
              {say("evidence.new")}
            </Button>
          )}
          <ButtonLink href="/ledger/verify" icon="proven">
            {say("ledger.verify-pack")}
          </ButtonLink>
        </>
      }
    >
      {!mayBuild && <p className="muted">{say("evidence.may-not-build")}</p>}
      {mayBuild && isBuilding && (
        <Suspense fallback={<Loading />}>
          <Build first={params.get("instance") ?? ""} onClose={() => setBuilding(false)} />
        </Suspense>
      )}
      <Packs />
    </Page>
  );
}

function Packs() {
  const say = useWords();
  const query = useInfiniteQuery({
    queryKey: PACKS,
    initialPageParam: "",
    queryFn: ({ pageParam, signal }) => {
      const query = { limit: 50, ...(pageParam === "" ? {} : { cursor: pageParam }) };
      return given(client.GET("/v1/evidence-packs", { params: { query }, signal }));
    },
    getNextPageParam: (last) => last.cursor,
  });
  return (
    <section className="stack" aria-labelledby="packs">
      <h2 id="packs">{say("evidence.packs")}</h2>
      <PagedView
        query={query}
        empty={<Empty title={say("evidence.empty")}>{say("evidence.empty.detail")}</Empty>}
        more={say("ledger.more")}
      >
        {(packs) => <PackTable packs={packs} />}
      </PagedView>
    </section>
  );
}

function PackTable({ packs }: { packs: readonly Pack[] }) {
  const say = useWords();
  const formats = useFormats();
  const called = useCalled(packs.map((one) => one.built_by));
  return (
    <Table
      label={say("evidence.packs")}
      rows={packs}
      rowKey={(row) => row.pack}
      columns={[
        {
          key: "purpose",
          title: say("evidence.purpose"),
          heads: true,
          cell: (row) => (
            <>
              <TextOr value={row.purpose} />
              <span className="under">
                {say("evidence.for")} <TextOr value={row.recipient} />
              </span>
            </>
          ),
        },
        {
          key: "built",
          title: say("evidence.built"),
          cell: (row) => (
            <>
              <Time at={row.recorded_at} evidence />
              <span className="under">{say("evidence.by", { who: called(row.built_by) })}</span>
            </>
          ),
        },
        {
          key: "holds",
          title: say("evidence.holds"),
          cell: (row) => (
            <>
              <Instances pack={row} />
              <span className="under">
                {say("evidence.entries", { count: row.entries })} ·{" "}
                {formats.number(row.pack_bytes / 1000, { maximumFractionDigits: 0 })} kB
              </span>
            </>
          ),
        },
        {
          key: "digest",
          title: say("evidence.digest"),
          cell: (row) => (
            <>
              <Hash value={row.digest} label={say("evidence.digest")} />
              <span className="under">
                <EntryLink index={row.entry_index} />
              </span>
            </>
          ),
        },
        {
          key: "file",
          title: say("evidence.file"),
          cell: (row) =>
            row.href === null ? (
              <Tag>{say("evidence.not-here")}</Tag>
            ) : (
              <ButtonLink small href={row.href} download={`${row.pack}.zip`}>
                {say("evidence.download")}
              </ButtonLink>
            ),
        },
      ]}
    />
  );
}

/** The instances of a pack; one leads to it, more are counted with their ids to read. */
function Instances({ pack }: { pack: Pack }) {
  const say = useWords();
  const [first] = pack.instances;
  if (pack.instances.length === 1 && first !== undefined) {
    return <Link to={`/instances/${first}`}>{say("evidence.instances", { count: 1 })}</Link>;
  }
  return (
    <details>
      <summary>{say("evidence.instances", { count: pack.instances.length })}</summary>
      <ul>
        {pack.instances.map((id) => (
          <li key={id}>
            <Link to={`/instances/${id}`}>
              <code>{id}</code>
            </Link>
          </li>
        ))}
      </ul>
    </details>
  );
}

/** A text in clear, or why it is shut. */
function TextOr({ value }: { value: Text }) {
  const say = useWords();
  if (typeof value === "string") return <>{value}</>;
  return <span className="muted">{say("evidence.shut", { reason: value.reason })}</span>;
}
