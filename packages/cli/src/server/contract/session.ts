/** How people come in: with the one-time code of a printed address, or with an access token. */
import { ACCESS_ROLES } from "@millrace/db";
import { z } from "zod";
import { defineOperation } from "./define-operation.ts";
import { done, time } from "./values.ts";

const tag = "session";

const secret = z.string().min(1).max(500);

const session = z
  .object({
    /** Who this is; what is decided is recorded under this name. */
    name: z.string(),
    role: z.enum(ACCESS_ROLES),
    platform: z.string(),
    /** Give it back as `X-CSRF-Token` with whatever changes something; null where a token is sent with each request. */
    csrfToken: z.string().nullable(),
    expiresAt: time.nullable(),
  })
  .meta({ id: "Session" });

export const createSession = defineOperation({
  id: "createSession",
  method: "post",
  path: "/api/session",
  tag,
  summary: "Come in, with the code of a login address or with an access token; sets the session's cookie",
  access: "public",
  body: z.union([z.strictObject({ code: secret }), z.strictObject({ token: secret })]),
  response: session,
  status: 201,
});

export const showSession = defineOperation({
  id: "showSession",
  method: "get",
  path: "/api/session",
  tag,
  summary: "Who this is",
  access: "viewer",
  response: session,
});

export const endSession = defineOperation({
  id: "endSession",
  method: "delete",
  path: "/api/session",
  tag,
  summary: "Leave; an access token stays good",
  access: "viewer",
  response: done,
});

export const SESSION_OPERATIONS = [createSession, showSession, endSession] as const;
