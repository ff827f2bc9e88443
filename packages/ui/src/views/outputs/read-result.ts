/** The result that a person types for a call which happened. */

export type TypedResult = { ok: true; given: { result?: unknown } } | { ok: false; problem: string };

/** Reads JSON text; an empty text gives no result at all. */
export function readResult(text: string): TypedResult {
  if (text.trim() === "") return { ok: true, given: {} };
  try {
    const result: unknown = JSON.parse(text);
    return { ok: true, given: { result } };
  } catch (error) {
    if (error instanceof SyntaxError) return { ok: false, problem: `This is not JSON yet: ${error.message}` };
    throw error;
  }
}
