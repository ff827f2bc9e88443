import { expect, test } from "vitest";
import { durationText } from "./duration-text.ts";
import { emptyDraft } from "./job-draft.ts";
import { changesBetween, inputOf, previewInput } from "./job-input.ts";

const draft = { ...emptyDraft("Europe/Berlin"), name: " Report ", handler: '"report"' };

test("what is left empty is left out, so that the host's default holds", () => {
  const { input } = inputOf(draft);
  expect(input).toMatchObject({ type: "cron", name: "Report", handler: "report", cron: "0 9 * * 1-5" });
  expect(Object.keys(input)).not.toContain("timeout");
  expect(Object.keys(input)).not.toContain("payload");
});

test("a payload that is no JSON is a fault of its field", () => {
  expect(inputOf({ ...draft, payload: "{" }).errors["payload"]).toContain("not JSON");
});

test("what is no number goes to the host as it was typed", () => {
  expect(inputOf({ ...draft, maxRetries: "many", priority: "-5" }).input).toMatchObject({
    maxRetries: "many",
    priority: -5,
  });
});

test("an edit names what changed, and null for what was taken away", () => {
  const before = inputOf({ ...draft, description: "Old", timeout: "5m" }).input;
  const after = inputOf({ ...draft, timeout: "10m" }).input;
  expect(changesBetween(before, after)).toEqual({ description: null, timeout: "10m" });
});

test("a preview needs neither name nor handler", () => {
  const input = previewInput({ ...emptyDraft("UTC"), type: "recurring" });
  expect(input).toEqual({
    type: "recurring",
    name: "preview",
    handler: "preview",
    interval: "5m",
    mode: "fixed_rate",
  });
});

test("durations are written as the host reads them", () => {
  expect([0, 500, 90_000, 5_400_000].map(durationText)).toEqual(["0s", "500ms", "1m30s", "1h30m"]);
});
