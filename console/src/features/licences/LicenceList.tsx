/** Every package with its licence, and below them the texts. */
import found from "virtual:licences";
import { Table } from "../../design";
import { useWords } from "../../i18n";
import "./licences.css";

/** The list; texts that packages share stand once. */
export default function LicenceList() {
  const say = useWords();
  const { packages, texts } = found;
  const of = (text: number) =>
    packages.filter((one) => one.text === text).map((one) => `${one.name} ${one.version}`);
  return (
    <>
      <p className="muted">{say("licences.count", { count: packages.length })}</p>
      <Table
        label={say("licences.packages")}
        rows={packages}
        rowKey={(row) => `${row.name} ${row.version}`}
        columns={[
          {
            key: "name",
            title: say("licences.package"),
            cell: (row) => <span translate="no">{row.name}</span>,
          },
          {
            key: "version",
            title: say("licences.version"),
            cell: (row) => <span className="number">{row.version}</span>,
          },
          {
            key: "licence",
            title: say("licences.licence"),
            cell: (row) => <span translate="no">{row.licence}</span>,
          },
          {
            key: "text",
            title: say("licences.file"),
            cell: (row) =>
              row.text === null ? (
                <span className="muted">{say("licences.no-file")}</span>
              ) : (
                <a href={`#text-${row.text}`} translate="no">
                  {row.file}
                </a>
              ),
          },
        ]}
      />
      <section className="stack" aria-labelledby="texts">
        <h2 id="texts">{say("licences.texts")}</h2>
        {texts.map((text, place) => (
          <article key={of(place).join()} id={`text-${place}`} className="licence" tabIndex={-1}>
            <h3 translate="no">{of(place).join(", ")}</h3>
            <pre lang="en" translate="no">
              {text}
            </pre>
          </article>
        ))}
      </section>
    </>
  );
}
