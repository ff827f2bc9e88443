/** What a colour says. Never alone: words and an icon say the same. Colours are in theme/theme.css. */
export type Tone = "neutral" | "info" | "success" | "warning" | "danger" | "unknown";
