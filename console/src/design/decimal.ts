/** Decimal numbers between what a person types and the exact text that bodies hold. */

/** `84,000.5` in English and `84.000,5` in German as `84000.5`; null for what is no decimal in that locale. */
export function decimalText(typed: string, locale: string): string | null {
  const parts = new Intl.NumberFormat(locale).formatToParts(-12345.6);
  const mark = (type: string) => parts.find((part) => part.type === type)?.value ?? "";
  const grouped = mark("group");
  const bare = typed.replace(/[\s\u00a0\u202f'\u2019]/g, "").replace(mark("minusSign"), "-");
  const pattern = new RegExp(
    `^-?(\\d+|\\d{1,3}(${escaped(grouped)}\\d{3})+)(${escaped(mark("decimal"))}\\d+)?$`,
  );
  if (!pattern.test(bare)) return null;
  return bare.split(grouped).join("").replace(mark("decimal"), ".");
}

function escaped(text: string): string {
  return text.replace(/[.*+?^${}()|[\]\\]/g, "\\$&");
}
