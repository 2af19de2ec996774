/**
 * The ICU message syntax as far as our words use it, read and put into words: arguments, `number`, `select`, and `plural`
 * with `#` and exact cases, in each other as deep as one likes. Anything else of the syntax is an error; a test holds all
 * messages against a whole implementation. Source: unicode-org.github.io/icu/userguide/format_parse/messages.
 */

/** What a message may be given: its arguments by name. */
export type Values = Readonly<Record<string, string | number | boolean | Date>>;

type Part =
  | string
  | { readonly kind: "argument"; readonly name: string }
  | { readonly kind: "number"; readonly name: string }
  | Cases
  | { readonly kind: "count" };
interface Cases {
  readonly kind: "select" | "plural";
  readonly name: string;
  readonly cases: ReadonlyMap<string, Parts>;
}
export type Parts = readonly Part[];

const NEEDS_READING = /[{}'#]/;

/** The parts of a message; most are one text. An error where it is none of ours. */
export function readMessage(text: string): Parts {
  if (!NEEDS_READING.test(text)) return [text];
  const reader = new Reader(text);
  const parts = reader.parts(false);
  if (!reader.isAtEnd) throw reader.wrong();
  return parts;
}

/** Reads one message from its beginning to its end. */
class Reader {
  private at = 0;

  constructor(private readonly text: string) {}

  get isAtEnd(): boolean {
    return this.at === this.text.length;
  }

  wrong(): SyntaxError {
    return new SyntaxError(`expected a message, found something else at ${this.at} of: ${this.text}`);
  }

  /** Up to the end or to the brace that closes the case; in that of a plural `#` is the number. */
  parts(inPlural: boolean): Parts {
    const parts: Part[] = [];
    let literal = "";
    for (; !this.isAtEnd && this.text[this.at] !== "}"; ) {
      const char = this.text[this.at] as string;
      if (char === "'") literal += this.quoted(inPlural);
      else if (char !== "{" && !(char === "#" && inPlural)) {
        literal += char;
        this.at += 1;
      } else {
        if (literal !== "") parts.push(literal);
        literal = "";
        parts.push(char === "{" ? this.placed() : this.count());
      }
    }
    if (literal !== "") parts.push(literal);
    return parts;
  }

  private count(): Part {
    this.at += 1;
    return { kind: "count" };
  }

  /** Two apostrophes are one; one before a sign of the syntax begins what is taken as it stands. */
  private quoted(inPlural: boolean): string {
    const next = this.text[this.at + 1];
    this.at += 1;
    if (next === "'") {
      this.at += 1;
      return "'";
    }
    if (!(next === "{" || next === "}" || (next === "#" && inPlural))) return "'";
    let literal = "";
    for (; !this.isAtEnd; this.at++) {
      if (this.text[this.at] !== "'") literal += this.text[this.at];
      else if (this.text[this.at + 1] !== "'") break;
      else {
        literal += "'";
        this.at += 1;
      }
    }
    this.at += 1;
    return literal;
  }

  private placed(): Part {
    this.take("{");
    const name = this.word();
    if (this.isNext("}")) return { kind: "argument", name };
    this.take(",");
    const kind = this.word();
    if (kind === "number") {
      this.take("}");
      return { kind, name };
    }
    if (kind !== "select" && kind !== "plural") throw this.wrong();
    this.take(",");
    const cases = new Map<string, Parts>();
    while (!this.isNext("}")) {
      const one = this.word();
      this.take("{");
      cases.set(one, this.parts(kind === "plural"));
      if (this.text[this.at] !== "}") throw this.wrong();
      this.take("}");
    }
    if (!cases.has("other")) throw this.wrong();
    return { kind, name, cases };
  }

  private word(): string {
    this.space();
    const found = /^=?[\w-]+/.exec(this.text.slice(this.at, this.at + 64))?.[0];
    if (found === undefined) throw this.wrong();
    this.at += found.length;
    this.space();
    return found;
  }

  private take(char: string): void {
    if (this.text[this.at] !== char) throw this.wrong();
    this.at += 1;
  }

  private isNext(char: string): boolean {
    this.space();
    if (this.text[this.at] !== char) return false;
    this.at += 1;
    return true;
  }

  private space(): void {
    while (/\s/.test(this.text[this.at] ?? "")) this.at += 1;
  }
}

/** The numbers and the plurals of a language; made when the first message needs them. */
export class Grammar {
  private numbers: Intl.NumberFormat | undefined;
  private plurals: Intl.PluralRules | undefined;

  constructor(private readonly locale: string) {}

  /** A message in words. A value that is missing is an error. */
  say(parts: Parts, values: Values | undefined, count?: number): string {
    let said = "";
    for (const part of parts) {
      if (typeof part === "string") said += part;
      else if (part.kind === "count") said += this.number(count);
      else {
        const value = given(values, part.name);
        if (part.kind === "argument") said += String(value);
        else if (part.kind === "number") said += this.number(value);
        else said += this.say(this.caseOf(part, value), values, Number(value));
      }
    }
    return said;
  }

  private number(value: unknown): string {
    this.numbers ??= new Intl.NumberFormat(this.locale);
    return this.numbers.format(value as number);
  }

  private caseOf({ kind, cases }: Cases, value: unknown): Parts {
    const exact = cases.get(kind === "plural" ? `=${String(value)}` : String(value));
    if (exact !== undefined) return exact;
    this.plurals ??= new Intl.PluralRules(this.locale);
    const among = kind === "plural" ? cases.get(this.plurals.select(value as number)) : undefined;
    return among ?? (cases.get("other") as Parts);
  }
}

function given(values: Values | undefined, name: string): unknown {
  if (values === undefined || !Object.hasOwn(values, name))
    throw new TypeError(`expected a value for ${name}`);
  return values[name];
}
