/** A door at which a handler waits until the test lets it through. */
export interface Door {
  /** Resolves when somebody stands at the door. */
  readonly reached: Promise<void>;
  /** Waits at the door; passes at once when it is open. */
  pass(): Promise<void>;
  open(): void;
}

export function createDoor(): Door {
  let open: () => void = () => undefined;
  let arrive: () => void = () => undefined;
  const opened = new Promise<void>((resolve) => {
    open = resolve;
  });
  const reached = new Promise<void>((resolve) => {
    arrive = resolve;
  });
  return {
    reached,
    async pass() {
      arrive();
      await opened;
    },
    open,
  };
}
