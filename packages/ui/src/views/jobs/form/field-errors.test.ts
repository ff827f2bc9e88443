import { expect, test } from "vitest";
import { ApiProblem } from "../../../services/api-problem.ts";
import { fieldErrorsOf } from "./field-errors.ts";

test("faults are found by their field, whether the request or the job was read first", () => {
  const problem = new ApiProblem(422, "The input is not valid", null, [
    { path: "body.name", message: "too short" },
    { path: "misfire.grace", message: "no duration" },
    { path: "body.job.cron", message: "one part is missing" },
    { path: "body.job.cron", message: "another too" },
  ]);
  expect(fieldErrorsOf(problem)).toEqual({
    name: "too short",
    "misfire.grace": "no duration",
    cron: "one part is missing; another too",
  });
});

test("what is no refusal has no faults of fields", () => {
  expect(fieldErrorsOf(new TypeError("failed to fetch"))).toEqual({});
});
