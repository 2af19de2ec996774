/** An amount of money. */
import { type MoneyValue, useFormats } from "../../i18n";

/** Exact, with its currency by code, in the person's language: `EUR 84,000.00`. */
export function Money({ value }: { value: MoneyValue }) {
  return <span className="number">{useFormats().money(value)}</span>;
}
