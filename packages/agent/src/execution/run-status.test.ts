import { expect, test } from "vitest";
import {
  AuthError,
  HandlerTimeoutError,
  InternalError,
  LogicError,
  NetworkError,
  PermissionError,
  PhaseViolationError,
  RateLimitError,
  SchemaError,
  type ClassifiedError,
} from "../errors.ts";
import { describeFailure } from "./run-status.ts";

test.each<[ClassifiedError, string, "none" | "unknown"]>([
  [new AuthError("x"), "paused:approval", "none"],
  [new PermissionError("x"), "paused:approval", "none"],
  [new NetworkError("x"), "paused:transient", "unknown"],
  [new NetworkError("x", { effect: "none" }), "paused:transient", "none"],
  [new RateLimitError("x"), "paused:transient", "none"],
  [new LogicError("x"), "failed:logic", "none"],
  [new PhaseViolationError("x"), "failed:logic", "none"],
  [new HandlerTimeoutError("h", 1), "failed:logic", "none"],
  [new SchemaError("x", ["y"]), "failed:logic", "none"],
  [new InternalError("x"), "failed:internal", "unknown"],
])("%s ends a run as %s; its effect is %s", (error, status, effect) => {
  expect(describeFailure(error)).toEqual({
    status,
    errorType: error.constructor.name,
    message: error.message,
    retryAfterMs: null,
  });
  expect(error.effect).toBe(effect);
});

test("a rate limit carries how long to wait, unless that is no number", () => {
  const after = (retryAfterMs: number) => describeFailure(new RateLimitError("x", { retryAfterMs })).retryAfterMs;
  expect([60_000, 0, 0.5].map(after)).toEqual([60_000, 0, 1]);
  expect([Number.NaN, Number.POSITIVE_INFINITY, -1].map(after)).toEqual([null, null, null]);
});
