/** What needs a person. */
import { NOTIFICATION_KINDS } from "@millrace/db";
import { z } from "zod";
import { defineOperation } from "./define-operation.ts";
import { notification } from "./shapes.ts";
import { done, id, name, pageQuery, searchPage, spanQuery, text, wordList } from "./values.ts";

const tag = "attention";

export const listAttention = defineOperation({
  id: "listAttention",
  method: "get",
  path: "/api/attention",
  tag,
  summary: "What needs a person, newest first",
  access: "viewer",
  query: z.strictObject({
    ...pageQuery,
    ...spanQuery,
    state: z.enum(["open", "resolved"]).optional(),
    kind: wordList(NOTIFICATION_KINDS).optional(),
    workflow: name.optional(),
    connector: name.optional(),
    text: text.optional(),
  }),
  response: searchPage(notification),
});

export const countAttention = defineOperation({
  id: "countAttention",
  method: "get",
  path: "/api/attention/count",
  tag,
  summary: "How many things need a person, by kind",
  access: "viewer",
  response: z.object({
    total: z.int(),
    kinds: z.array(z.object({ kind: z.enum(NOTIFICATION_KINDS), count: z.int() })),
    /** The connectors of outputs whose outcome is unknown; all of them were sent in [from, until). */
    outages: z.array(z.object({ connector: z.string(), count: z.int(), from: z.int(), until: z.int() })),
  }),
});

export const dismissNotification = defineOperation({
  id: "dismissNotification",
  method: "post",
  path: "/api/attention/{notification}/dismissal",
  tag,
  summary: "Close a notification that has been read",
  access: "operator",
  audit: "notification.dismiss",
  params: z.strictObject({ notification: id }),
  response: done,
});

export const ATTENTION_OPERATIONS = [listAttention, countAttention, dismissNotification] as const;
