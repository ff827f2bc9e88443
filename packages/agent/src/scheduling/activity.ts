/** Whether the engine has anything to do at this moment: asked of each of its parts, told to those who wait for it. */
export class Activity {
  private readonly parts: (() => boolean)[] = [];
  private readonly waiting: (() => void)[] = [];

  /** Adds a part of the engine, which says whether it is idle, and calls `changed` when it may have become so. */
  watch(isIdle: () => boolean): void {
    this.parts.push(isIdle);
  }

  get isIdle(): boolean {
    return this.parts.every((isIdle) => isIdle());
  }

  /** Something has ended. */
  changed(): void {
    if (this.waiting.length > 0 && this.isIdle) for (const resolve of this.waiting.splice(0)) resolve();
  }

  /** Resolves when every part is idle. */
  async whenIdle(): Promise<void> {
    while (!this.isIdle) await new Promise<void>((resolve) => this.waiting.push(resolve));
  }
}
