/** Of which part of the organisation something is: a field for lists that may be of several. */
import { SearchField, SelectField, visible } from "../../design";
import { useWords } from "../../i18n";

const ANY = "*";
const CHOSEN_AMONG = 15; // options that are looked through; more are found by typing

export interface DomainFilterProps {
  readonly value: string | undefined;
  /** Those there are for this person; empty until they are known. */
  readonly domains: readonly string[];
  readonly onChange: (domain: string | null) => void;
}

/** The field; nothing where there is but one, unless it is of another that is asked for. */
export function DomainFilter({ value, domains, onChange }: DomainFilterProps) {
  const say = useWords();
  const known = value === undefined || domains.includes(value) ? domains : [...domains, value];
  if (known.length < 2 && value === undefined) return null;
  const options = [
    { id: ANY, label: say("instances.filter.domains.all") },
    ...known.map((domain) => ({ id: domain, label: visible(domain) })),
  ];
  const Field = options.length > CHOSEN_AMONG ? SearchField : SelectField;
  return (
    <Field
      label={say("instances.filter.domains")}
      value={value ?? ANY}
      options={options}
      onChange={(domain) => onChange(domain === ANY ? null : domain)}
    />
  );
}
