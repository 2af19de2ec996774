/** What goes wrong while a pack is read: the words are those of `ledger.errors` and of the verdicts in Python. */

/** Bytes or text that are not what they claim to be; `location` is a path or empty. */
export class BrokenInput extends Error {
  readonly reason: string;
  readonly location: string;

  constructor(reason: string, location = "") {
    super(location === "" ? reason : `${location}: ${reason}`);
    this.name = "BrokenInput";
    this.reason = reason;
    this.location = location;
  }
}

/** Input over a stated limit. */
export class TooLarge extends BrokenInput {}

/** A member that a value does not have, or has with another type. The text names what the value lacks. */
export class Unreadable extends Error {}

/** A JSON value as `decode` and `readJson` give it. */
export type Json = null | boolean | number | string | Json[] | JsonObject;

/** An object of such values. */
export type JsonObject = { [name: string]: Json };

/** Whether a value is an object, neither null nor a list. */
export function isObject(value: unknown): value is JsonObject {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

/** The named member; `Unreadable` when the value is no object or has none. */
export function member(value: Json | undefined, name: string): Json {
  if (!isObject(value)) throw new Unreadable(`TypeError expected an object with \`${name}\``);
  const found = Object.hasOwn(value, name) ? value[name] : undefined;
  if (found === undefined) throw new Unreadable(`KeyError '${name}'`);
  return found;
}

/** The named member, which must be text. */
export function textOf(value: Json | undefined, name: string): string {
  const found = member(value, name);
  if (typeof found !== "string") throw new Unreadable(`TypeError expected text in \`${name}\``);
  return found;
}

/** The named member, which must be an integer. */
export function integerOf(value: Json | undefined, name: string): number {
  const found = member(value, name);
  if (typeof found !== "number") throw new Unreadable(`TypeError expected a number in \`${name}\``);
  return found;
}

/** The named member, which must be a list. */
export function listOf(value: Json | undefined, name: string): Json[] {
  const found = member(value, name);
  if (!Array.isArray(found)) throw new Unreadable(`TypeError expected a list in \`${name}\``);
  return found;
}

/** The words of a verdict that could not be reached because of this error; a bug of ours is thrown on. */
export function whyUnreadable(error: unknown): string {
  if (error instanceof BrokenInput) return error.message;
  if (error instanceof Unreadable) return `cannot be read: ${error.message}`;
  throw error;
}
