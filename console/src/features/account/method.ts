/** How somebody signed in, in words. */
import type { MessageKey, Say } from "../../i18n";

const METHODS: Readonly<Record<string, MessageKey>> = {
  password: "account.method.password",
  "password+totp": "account.method.totp",
  "password+recovery": "account.method.recovery",
  passkey: "account.method.passkey",
  "demo-link": "account.method.demo",
};

/** The words of a method; its name as the server has it where there are none. */
export function methodWords(say: Say, method: string): string {
  const key = METHODS[method];
  return key === undefined ? method : say(key);
}
