/** JSON as a person types it into a field. */

/** An empty text is no value. */
export function parseJsonText(text: string): { value: unknown } | { fault: string } {
  if (text.trim() === "") return { value: undefined };
  try {
    return { value: JSON.parse(text) as unknown };
  } catch (error) {
    if (!(error instanceof SyntaxError)) throw error;
    return { fault: `This is not JSON: ${error.message}` };
  }
}
