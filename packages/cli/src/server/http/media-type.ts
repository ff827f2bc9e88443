/** Which content a body is said to be. It is taken at its word, and never guessed. */
import { RefusedError } from "../problem.ts";

/** The media type of a body, without its parameters. @throws RefusedError unless it is one of those accepted */
export function readMediaType({ headers }: Request, accepted: readonly string[]): string {
  const [, type = "", charset = "utf-8"] =
    /^([\w.+-]+\/[\w.+-]+)\s*(?:;\s*charset="?([\w-]+)"?\s*)?$/i.exec(headers.get("content-type") ?? "") ?? [];
  const mediaType = type.toLowerCase();
  if (accepted.includes(mediaType) && charset.toLowerCase() === "utf-8" && !headers.has("content-encoding")) {
    return mediaType;
  }
  const isBatch = mediaType.startsWith("application/cloudevents-batch");
  throw new RefusedError(
    "unsupported-media-type",
    `Send the body as ${accepted.join(" or ")} in UTF-8, not compressed${isBatch ? "; CloudEvents one by one, not in batches" : ""}.`,
  );
}
