/** Seeds whose worlds broke a rule once; they are run each time. */
export const KEPT_SEEDS: readonly { seed: number; found: string }[] = [
  { seed: 48, found: "an execution that was cancelled while it failed kept the time of its next attempt" },
  { seed: 209, found: "a dead letter that can't be read can't be repeated, and the refusal names it" },
  { seed: 379, found: "an answer that comes late settles its mutation, and its run goes on" },
  { seed: 6, found: "a clock that was set forward made the settle window look over, and the call was made twice" },
  { seed: 7627, found: "a job that runs a producer was still to be tried again when the world ended" },
  { seed: 199_539_571, found: "people had no time between two decisions" },
];
