/** What the answer to an outage is made of: a connector, a time span, an answer; and the count that goes with exactly these. */
import { useMutation } from "@tanstack/react-query";
import { useState } from "react";
import type { ConnectorOutage } from "../../services/attention.ts";
import { type BulkResolution, type Outage, type Resolution, resolveOutputs } from "../../services/outputs.ts";

export interface OutageForm {
  connector: string | null;
  from: string | undefined;
  until: string | undefined;
  resolution: Resolution | null;
}

/** What was counted, and what exactly was asked. */
export interface CountedOutage {
  outage: Outage;
  resolution: Resolution;
  result: BulkResolution;
}

export function useOutageForm(outages: readonly ConnectorOutage[]) {
  const [form, setForm] = useState<OutageForm>(() => startOf(outages));
  const [counted, setCounted] = useState<CountedOutage | null>(null);
  const [settled, setSettled] = useState<BulkResolution | null>(null);

  const change = (changes: Partial<OutageForm>) => {
    setForm({ ...form, ...changes });
    // A count is of what was asked then.
    setCounted(null);
    setSettled(null);
  };
  const count = useMutation({
    mutationFn: async () => {
      const request = requestOf(form);
      if (request === null) return;
      const { outage, resolution } = request;
      const result = await resolveOutputs(outage, { resolution, evidence: "", dryRun: true });
      setSettled(null);
      setCounted({ outage, resolution, result });
    },
  });
  const settle = async ({ outage, resolution }: CountedOutage, evidence: string) => {
    const result = await resolveOutputs(outage, { resolution, evidence, dryRun: false });
    setCounted(null);
    setSettled(result);
  };
  const isComplete = form.connector !== null && form.resolution !== null;
  return { form, change, isComplete, count, counted, settle, settled };
}

/** A single outage is what is meant. */
function startOf(outages: readonly ConnectorOutage[]): OutageForm {
  const only = outages.length === 1 ? outages[0] : undefined;
  return { connector: null, resolution: null, ...spanOf(undefined), ...(only === undefined ? {} : chosen(only)) };
}

/** The fields for an outage as the host tells of it. */
export function chosen(outage: ConnectorOutage) {
  return { connector: outage.connector, ...spanOf(outage) };
}

function spanOf(outage: ConnectorOutage | undefined) {
  if (outage === undefined) return { from: undefined, until: undefined };
  return { from: String(outage.from), until: String(outage.until) };
}

/** Null while something is missing. No beginning is the beginning of all times, no end is now. */
function requestOf({ connector, from, until, resolution }: OutageForm): Omit<CountedOutage, "result"> | null {
  if (connector === null || resolution === null) return null;
  const outage = { connector, from: Number(from ?? 0), until: until === undefined ? Date.now() : Number(until) };
  return { outage, resolution };
}
