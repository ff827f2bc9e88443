import { expect, test } from "vitest";
import { ApiProblem, asProblem, problemFrom } from "./api-problem.ts";

test("a problem's title, detail and faults are read", () => {
  const problem = problemFrom(400, {
    title: "Invalid request",
    detail: "A field is wrong",
    errors: [{ path: "query.limit", message: "must be a whole number" }],
  });
  expect(problem).toMatchObject({ status: 400, title: "Invalid request", message: "A field is wrong" });
  expect(problem.faults).toEqual([{ path: "query.limit", message: "must be a whole number" }]);
});

test("a body that is no problem still says what the status was", () => {
  expect(problemFrom(502, "<html>")).toMatchObject({ status: 502, message: "The host answered 502" });
});

test("a failed fetch says that the host can't be reached", () => {
  expect(asProblem(new TypeError("Failed to fetch"))).toMatchObject({ status: 0, title: "The host can't be reached" });
});

test("a problem stays as it is", () => {
  const problem = new ApiProblem(404, "Not found", null);
  expect(asProblem(problem)).toBe(problem);
});
