/** What authority rests on: the papers, and the offices with their holders. */
import { Table, Time } from "../../design";
import { useWords } from "../../i18n";
import { useCalled } from "../assurance/called";
import type { Register } from "./queries";

/** The papers, and the offices with their holders. */
export default function Instruments({ register }: { register: Register }) {
  const say = useWords();
  const called = useCalled(register.offices.flatMap((one) => one.holdings.map((held) => held.person)));
  return (
    <>
      <section className="stack" aria-labelledby="instruments">
        <h2 id="instruments">{say("authorities.instruments")}</h2>
        <Table
          label={say("authorities.instruments")}
          rows={register.instruments}
          rowKey={(row) => row.id}
          columns={[
            {
              key: "title",
              title: say("authorities.paper"),
              heads: true,
              cell: (row) => (
                <>
                  {row.title}
                  <span className="under">
                    {row.kind} {row.number}
                  </span>
                </>
              ),
            },
            { key: "by", title: say("authorities.issued-by"), cell: (row) => row.issued_by },
            { key: "on", title: say("authorities.issued-on"), cell: (row) => row.issued_on },
            {
              key: "document",
              title: say("authorities.document"),
              cell: (row) =>
                row.document === "" ? (
                  <span className="muted">{say("authorities.no-document")}</span>
                ) : (
                  <code className="breaks">{row.document}</code>
                ),
            },
          ]}
        />
      </section>
      {register.offices.length > 0 && (
        <section className="stack" aria-labelledby="offices">
          <h2 id="offices">{say("authorities.offices")}</h2>
          <Table
            label={say("authorities.offices")}
            rows={register.offices}
            rowKey={(row) => row.id}
            columns={[
              { key: "title", title: say("authorities.office"), heads: true, cell: (row) => row.title },
              {
                key: "holders",
                title: say("authorities.holders"),
                cell: (row) => (
                  <ul className="bare-list">
                    {row.holdings.map((held) => (
                      <li key={`${held.person} ${held.held_from}`}>
                        {called(held.person)}{" "}
                        <span className="muted small">
                          <Time at={held.held_from} relative={false} /> {say("authorities.to")}{" "}
                          <Time at={held.held_to} relative={false} />
                        </span>
                      </li>
                    ))}
                  </ul>
                ),
              },
            ]}
          />
        </section>
      )}
    </>
  );
}
