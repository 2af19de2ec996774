/** Under which version an instance goes on, and what becomes of each step it is at. */
import { useQuery } from "@tanstack/react-query";
import { QueryView, SelectField, ServerWords, Tag } from "../../design";
import { dateOf, useFormats, useWords } from "../../i18n";
import { type Chosen, goesOn, KEPT, type MigratedPlace, migrationQuery, versionsOf } from "./migrating";
import type { Instance } from "./queries";

/** The version is chosen first; then each step is kept, where it can be, or moved. */
export function MigrateFields(props: {
  instance: Instance;
  chosen: Chosen;
  onChange: (chosen: Chosen) => void;
}) {
  const say = useWords();
  const formats = useFormats();
  const { instance, chosen, onChange } = props;
  const versions = useQuery(versionsOf(instance.blueprint));
  const found = useQuery(migrationQuery(instance.id, chosen.number));
  const others = (versions.data?.items ?? []).filter((one) => one.digest !== instance.version);
  return (
    <>
      <SelectField
        label={say("steering.version")}
        hint={say("steering.version.now", { version: instance.number })}
        value={chosen.number}
        options={others.map((one) => ({
          id: String(one.version),
          label: say("blueprints.version", { version: one.version }),
          detail: formats.date(dateOf(one.released_at)),
        }))}
        disabled={versions.data === undefined}
        onChange={(number) => onChange({ number, to: {} })}
        required
      />
      {chosen.number !== null && (
        <QueryView query={found} lines={3}>
          {({ barred, places }) =>
            barred !== null ? (
              <p className="row tight-row" role="status">
                <Tag icon="lock">{say("steering.version.barred")}</Tag>
                <ServerWords text={barred.detail} wording={barred.wording} />
              </p>
            ) : (
              goesOn(places, chosen).map((one) => (
                <PlaceField
                  key={one.activation}
                  place={one}
                  to={chosen.to[one.activation] ?? (one.kept ? KEPT : null)}
                  onChange={(to) => onChange({ ...chosen, to: { ...chosen.to, [one.activation]: to } })}
                />
              ))
            )
          }
        </QueryView>
      )}
    </>
  );
}

/** One step: that it stays, or why it cannot, and where it is moved. */
function PlaceField(props: { place: MigratedPlace; to: string | null; onChange: (to: string) => void }) {
  const say = useWords();
  const { place, to } = props;
  const kept = place.kept ? [{ id: KEPT, label: say("steering.place.kept") }] : [];
  return (
    <SelectField
      label={place.title}
      hint={
        place.why === null ? (
          say("steering.place.same")
        ) : (
          <ServerWords text={place.why} wording={place.wording} />
        )
      }
      value={to}
      options={[
        ...kept,
        ...place.to.map((one) => ({ id: one.step, label: say("steering.place.to", { to: one.title }) })),
      ]}
      onChange={(chosen) => chosen !== null && props.onChange(chosen)}
      required
    />
  );
}
