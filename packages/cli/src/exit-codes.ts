/** What the exit code of `millrace` means. */
export const EXIT_CODES = {
  /** It did what was asked for. */
  ok: 0,
  /** It could not do what was asked for; nothing was half-done. */
  failed: 1,
  /** The command line itself is wrong. */
  usage: 2,
  /** It did what was asked for, and something waits for a person. */
  needsAttention: 3,
  /** A second signal ended it at once; what was running is taken up at the next start. */
  interrupted: 130,
} as const;

export type ExitCode = (typeof EXIT_CODES)[keyof typeof EXIT_CODES];
