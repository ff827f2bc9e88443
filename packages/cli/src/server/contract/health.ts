/** Whether the host is well, for what watches it, and this document itself. */
import { z } from "zod";
import { defineOperation } from "./define-operation.ts";

const tag = "health";

export const showLiveness = defineOperation({
  id: "showLiveness",
  method: "get",
  path: "/healthz",
  tag,
  summary: "Whether the process is up",
  access: "public",
  response: z.object({ status: z.literal("ok") }),
});

export const showReadiness = defineOperation({
  id: "showReadiness",
  method: "get",
  path: "/readyz",
  tag,
  summary: "Whether the engine runs and the database answers",
  access: "public",
  response: z.object({ status: z.literal("ready") }),
});

export const showMetrics = defineOperation({
  id: "showMetrics",
  method: "get",
  path: "/metrics",
  tag,
  summary: "Metrics in the text format of Prometheus",
  access: "viewer",
  response: z.string(),
  produces: "text/plain",
});

export const showApiDocument = defineOperation({
  id: "showApiDocument",
  method: "get",
  path: "/api/openapi.json",
  tag,
  summary: "This API as an OpenAPI document",
  access: "viewer",
  response: z.looseObject({ openapi: z.string() }),
});

export const HEALTH_OPERATIONS = [showLiveness, showReadiness, showMetrics, showApiDocument] as const;
