/** What is done at once, and what takes its time. */

/** Whether some work comes to a value before the event loop goes on to its next turn; what fails does not. */
export function succeedsThisTurn(work: Promise<unknown>): Promise<boolean> {
  return new Promise((resolve) => {
    const end = setImmediate(() => resolve(false));
    const settle = (succeeded: boolean) => {
      clearImmediate(end);
      resolve(succeeded);
    };
    work.then(
      () => settle(true),
      () => settle(false),
    );
  });
}
