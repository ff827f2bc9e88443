/** What the host says when it refuses or fails: an RFC 9457 problem, as an error of its own. */

/** One fault of a request: where it is and what is wrong with it. */
export interface ApiFault {
  path: string;
  message: string;
}

export class ApiProblem extends Error {
  /** The HTTP status; 0 where the host could not be reached. */
  readonly status: number;
  /** What kind of problem it is, in few words. */
  readonly title: string;
  /** What is wrong with a request that the host could not accept. */
  readonly faults: readonly ApiFault[];

  constructor(status: number, title: string, detail: string | null, faults: readonly ApiFault[] = []) {
    super(detail ?? title);
    this.name = "ApiProblem";
    this.status = status;
    this.title = title;
    this.faults = faults;
  }
}

/** Reads a problem out of the body of a response, which may be anything when a proxy answered in the host's place. */
export function problemFrom(status: number, body: unknown): ApiProblem {
  const fields = fieldsOf(body);
  const title = textOf(fields["title"]) ?? `The host answered ${status}`;
  return new ApiProblem(status, title, textOf(fields["detail"]), faultsOf(fields["errors"] ?? fields["faults"]));
}

/** Any error as a problem that can be shown; `fetch` says nothing but "failed" when the host is away. */
export function asProblem(error: unknown): ApiProblem {
  if (error instanceof ApiProblem) return error;
  if (error instanceof TypeError) {
    return new ApiProblem(0, "The host can't be reached", "Is Millrace still running? The page tries again by itself.");
  }
  return new ApiProblem(0, "Something went wrong on this page", error instanceof Error ? error.message : String(error));
}

function faultsOf(value: unknown): ApiFault[] {
  if (!Array.isArray(value)) return [];
  return value.flatMap((entry: unknown) => {
    const fields = fieldsOf(entry);
    const message = textOf(fields["message"]) ?? textOf(fields["detail"]);
    return message === null ? [] : [{ path: textOf(fields["path"]) ?? textOf(fields["pointer"]) ?? "", message }];
  });
}

function fieldsOf(value: unknown): Record<string, unknown> {
  // An object's fields may be read by any name; each is checked where it is used.
  return typeof value === "object" && value !== null ? (value as Record<string, unknown>) : {};
}

function textOf(value: unknown): string | null {
  return typeof value === "string" && value !== "" ? value : null;
}
