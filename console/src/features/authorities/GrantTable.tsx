/** Authority grants as rows; a row leads to its grant. */
import { Table, Time } from "../../design";
import { useChoices, useWords } from "../../i18n";
import { Conditions, Limits, Powers, State } from "./parts";
import type { Grant, Register } from "./queries";

interface GrantTableProps {
  grants: readonly Grant[];
  all: readonly Grant[];
  register: Register | undefined;
  holder: (party: string) => string;
  now: number;
}

export default function GrantTable({ grants, all, register, holder, now }: GrantTableProps) {
  const say = useWords();
  const { zone } = useChoices().choices;
  const paper = (id: string) => register?.instruments.find((one) => one.id === id);
  return (
    <Table
      label={say("authorities.grants")}
      rows={grants}
      rowKey={(row) => row.id}
      href={(row) => `/authorities/${encodeURIComponent(row.id)}`}
      columns={[
        {
          key: "holder",
          title: say("authorities.holder"),
          heads: true,
          cell: (row) => (
            <>
              {holder(row.grantee)}
              <span className="under">{row.name}</span>
            </>
          ),
        },
        {
          key: "may",
          title: say("authorities.may"),
          cell: (row) => (
            <>
              <Powers grant={row} />
              <span className="under">{say("access.in", { domain: row.domain })}</span>
            </>
          ),
        },
        {
          key: "limit",
          title: say("authorities.limit"),
          cell: (row) => (
            <>
              <Limits limits={row.limits} />
              {row.conditions.length > 0 && (
                <span className="under">
                  <Conditions conditions={row.conditions} />
                </span>
              )}
            </>
          ),
        },
        {
          key: "period",
          title: say("authorities.period", { zone }),
          cell: (row) => (
            <>
              <Time at={row.valid_from} relative={false} zone={false} />
              <span className="under">
                {say("authorities.to")} <Time at={row.valid_to} relative={false} zone={false} />
              </span>
            </>
          ),
        },
        {
          key: "paper",
          title: say("authorities.paper"),
          cell: (row) => {
            const found = paper(row.instrument);
            const parent = all.find((one) => one.id === row.parent);
            return (
              <>
                <span className="paper-title">{found ? found.title : row.instrument}</span>
                {row.parent !== null && (
                  <span className="under">
                    {say("authorities.under", { name: parent?.name ?? row.parent })}
                  </span>
                )}
              </>
            );
          },
        },
        { key: "state", title: say("keys.state"), cell: (row) => <State grant={row} now={now} /> },
      ]}
    />
  );
}
