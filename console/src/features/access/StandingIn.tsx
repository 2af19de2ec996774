/** Who stands in for whom, from when until when, and whose work that is. Nothing is changed here. */
import { useInfiniteQuery } from "@tanstack/react-query";
import { client, given } from "../../api/client";
import type { components } from "../../api/schema";
import { Empty, PagedView, Table, Tag, Time, type Tone } from "../../design";
import { type MessageKey, useWords } from "../../i18n";
import { useHolders } from "../assurance/called";
import { EntryLink } from "../assurance/parts";

type Substitution = components["schemas"]["SubstitutionValue"];

const PAGE = 100;
const STATES: Readonly<Record<Substitution["state"], { tone: Tone; words: MessageKey }>> = {
  planned: { tone: "soon", words: "access.standing.state.planned" },
  "in force": { tone: "good", words: "access.standing.state.in-force" },
  ended: { tone: "neutral", words: "access.standing.state.ended" },
  lifted: { tone: "neutral", words: "access.standing.state.lifted" },
};

/** The substitutions, page after page, with the roles that the absent person holds. */
export default function StandingIn() {
  const say = useWords();
  const found = useInfiniteQuery({
    queryKey: ["substitutions"],
    queryFn: ({ pageParam, signal }) => {
      const query = { limit: PAGE, ...(pageParam === "" ? {} : { cursor: pageParam }) };
      return given(client.GET("/v1/substitutions", { params: { query }, signal }));
    },
    initialPageParam: "",
    getNextPageParam: (page) => page.cursor,
  });
  return (
    <div className="stack">
      <p className="muted small">{say("access.standing.lead")}</p>
      <PagedView
        query={found}
        empty={<Empty title={say("access.standing.none")} />}
        more={say("access.standing.more")}
      >
        {(rows) => <StandingTable rows={rows} />}
      </PagedView>
    </div>
  );
}

function StandingTable({ rows }: { rows: readonly Substitution[] }) {
  const say = useWords();
  const holders = useHolders(null, true);
  const rolesOf = (person: string) =>
    [...new Set(holders.data?.find((one) => one.id === person)?.roles.map((held) => held.role))].join(", ");
  return (
    <Table
      label={say("access.standing")}
      rows={rows}
      rowKey={(row) => row.id}
      columns={[
        {
          key: "substitute",
          title: say("access.standing.substitute"),
          heads: true,
          cell: (row) => row.substitute_ref || row.substitute,
        },
        { key: "absent", title: say("access.standing.absent"), cell: (row) => row.absent_ref || row.absent },
        {
          key: "roles",
          title: say("access.standing.roles"),
          cell: (row) => rolesOf(row.absent) || <span className="muted">{say("access.no-role")}</span>,
        },
        {
          key: "period",
          title: say("access.standing.period"),
          cell: (row) => (
            <>
              <Time at={row.valid_from} relative={false} />
              <span className="under">
                {say("access.until")} <Time at={row.valid_until} relative={false} />
              </span>
            </>
          ),
        },
        {
          key: "state",
          title: say("access.status"),
          cell: (row) => <Tag tone={STATES[row.state].tone}>{say(STATES[row.state].words)}</Tag>,
        },
        {
          key: "entry",
          title: say("access.standing.entry"),
          cell: (row) => <EntryLink index={row.recorded} />,
        },
      ]}
    />
  );
}
