/** Names in the service's sentences: told between backticks, drawn as code. */
import { prerender } from "react-dom/static";
import { describe, expect, it } from "vitest";
import { coded } from "../src/design/coded";

const drawn = async (text: string) =>
  (await new Response((await prerender(<p>{coded(text)}</p>)).prelude).text()).replaceAll("<!-- -->", "");

describe("a sentence of the service", () => {
  it.each([
    ["expected a reason", "<p>expected a reason</p>"],
    ["expected role `staff`, found none", "<p>expected role <code>staff</code>, found none</p>"],
    ["`amount`: expected `money`", '<p><code class="leading">amount</code>: expected <code>money</code></p>'],
    ["a ` alone", "<p>a ` alone</p>"],
    ["`a` and ` alone", '<p><code class="leading">a</code> and ` alone</p>'],
    ["found ``", "<p>found ``</p>"],
    ["`<b>\u202E`", '<p><code class="leading">&lt;b&gt;[U+202E]</code></p>'],
  ])("sets what stands between backticks as code: %j", async (text, page) => {
    expect(await drawn(text)).toBe(page);
  });
});
