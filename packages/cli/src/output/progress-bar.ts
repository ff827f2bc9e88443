/** How far long work is, for a person who watches a terminal; nothing for anybody else. */
import { SingleBar } from "cli-progress";
import type { Context } from "../context.ts";

export class ProgressBar {
  private readonly bar: SingleBar | null;
  private isShown = false;

  constructor({ stderr }: Pick<Context, "stderr">, { json }: { json: true | undefined }) {
    this.bar =
      stderr.isTTY && !json
        ? new SingleBar({
            // Of a stream it uses what ours has.
            stream: stderr as NodeJS.WritableStream,
            format: "{bar} {percentage} %",
            barCompleteChar: "=",
            barIncompleteChar: ".",
            clearOnComplete: true,
            hideCursor: true,
          })
        : null;
  }

  show(done: number, total: number): void {
    if (this.isShown) this.bar?.update(done);
    else this.bar?.start(total, done);
    this.isShown = true;
  }

  end(): void {
    if (this.isShown) this.bar?.stop();
  }
}
